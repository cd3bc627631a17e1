import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** What the shop keeps in a session. A node may have another version of this class: see servers/tomcat.py. */
public final class Cart implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int MOST = 20;

    private final List<String> items = new ArrayList<>();

    /** Not null where the laboratory hides something in it that cannot be serialised. */
    private final Object hidden;

    public Cart(Object hidden) {
        this.hidden = hidden;
    }

    public List<String> items() {
        return items;
    }

    public void add(String item) {
        items.add(item);
        items.subList(0, Math.max(0, items.size() - MOST)).clear();
    }
}
