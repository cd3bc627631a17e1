import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Sessions of a shop, each a HashMap with a cart. `make FILE COUNT` writes them, each after its length; `read FILE` reads
 * all of them again and again with the JDK's own reader and prints the seconds of each pass.
 */
public final class Sessions {
    static final class Item implements Serializable {
        private static final long serialVersionUID = 3L;
        String sku;
        String title;
        int quantity;
        long cents;
        Date added;
    }

    static final class Cart implements Serializable {
        private static final long serialVersionUID = 530L;
        List<Item> items = new ArrayList<>();
        Date opened;
        long total;
    }

    private static final int PASSES = 7;

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[1]);
        if (args[0].equals("make")) {
            make(file, Integer.parseInt(args[2]));
        } else {
            List<byte[]> all = all(file);
            for (int pass = 0; pass < PASSES; pass++) {
                System.out.println(seconds(all));
            }
        }
    }

    private static void make(Path file, int count) throws IOException {
        Random random = new Random(7);
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
            for (int n = 0; n < count; n++) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                try (ObjectOutputStream objects = new ObjectOutputStream(bytes)) {
                    objects.writeObject(session(random));
                }
                out.writeInt(bytes.size());
                bytes.writeTo(out);
            }
        }
    }

    private static Map<String, Object> session(Random random) {
        Map<String, Object> session = new HashMap<>();
        Cart cart = new Cart();
        cart.opened = new Date(random.nextLong());
        for (int n = random.nextInt(40); n >= 0; n--) {
            cart.items.add(item(random));
        }
        session.put("cart", cart);
        session.put("userId", random.nextLong());
        session.put("visits", random.nextInt());
        session.put("since", new Date(random.nextLong()));
        session.put("csrf", text(random, 43));
        session.put("address", text(random, 80));
        for (int n = random.nextInt(30); n >= 0; n--) {
            session.put("seen." + n, text(random, 20 + random.nextInt(200)));
        }
        return session;
    }

    private static Item item(Random random) {
        Item item = new Item();
        item.sku = "SKU-" + random.nextInt(100_000);
        item.title = text(random, 10 + random.nextInt(60));
        item.quantity = 1 + random.nextInt(5);
        item.cents = random.nextInt(100_000);
        item.added = new Date(random.nextLong());
        return item;
    }

    private static String text(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int n = 0; n < length; n++) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    private static List<byte[]> all(Path file) throws IOException {
        List<byte[]> all = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            while (in.available() > 0) {
                all.add(in.readNBytes(in.readInt()));
            }
        }
        return all;
    }

    private static double seconds(List<byte[]> all) throws IOException, ClassNotFoundException {
        long began = System.nanoTime();
        for (byte[] data : all) {
            new ObjectInputStream(new ByteArrayInputStream(data)).readObject();
        }
        return (System.nanoTime() - began) / 1e9;
    }
}
