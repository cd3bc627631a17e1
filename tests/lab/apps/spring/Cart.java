import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** What the shop keeps in a session. A node may have another version of this class: see servers/spring.py. */
public class Cart implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int MOST = 20;

    private List<String> items = new ArrayList<>();

    public List<String> getItems() {
        return items;
    }

    /** For Jackson, which makes a cart out of JSON. */
    public void setItems(List<String> items) {
        this.items = new ArrayList<>(items);
    }

    public void add(String item) {
        items.add(item);
        items.subList(0, Math.max(0, items.size() - MOST)).clear();
    }
}
