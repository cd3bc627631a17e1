import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Externalizable;
import java.io.File;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectInput;
import java.io.ObjectInputStream;
import java.io.ObjectOutput;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.URI;
import java.net.URL;
import java.sql.Timestamp;
import java.text.DecimalFormat;
import java.text.SimpleDateFormat;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.Year;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.AbstractMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.GregorianCalendar;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Properties;
import java.util.Random;
import java.util.Stack;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.zip.DeflaterOutputStream;

/** Prints object streams of a real JDK: name, name=serialVersionUID of each descriptor, base64 of zlib. */
public final class Vectors {
    enum Color { RED, GREEN { @Override public String toString() { return "g"; } } }

    record Point(int x, String label) implements Serializable {
        private static final long serialVersionUID = 77L;
    }

    static class Base implements Serializable {
        private static final long serialVersionUID = 530L;
        byte b = 1; char c = 'c'; double d = 2; float f = 3; int i = 4; long j = 5; short s = 6; boolean z = true;
        int[] numbers = {1, 2, 3};
        String text = "base";
    }

    static final class Cart extends Base {
        private static final long serialVersionUID = -2L;
        List<Object> items = new ArrayList<>(List.of("a", "b"));
        Cart self = this;
        Object nothing;
    }

    static final class Custom extends Base {
        private static final long serialVersionUID = 4L;
        int count = 3;
        private void writeObject(ObjectOutputStream out) throws IOException {
            out.defaultWriteObject();
            out.writeUTF("block data");
            out.writeObject(new Date(0));
            out.write(new byte[1500]);
            out.writeObject(null);
            out.writeLong(9);
        }
        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
        }
    }

    public static final class Outside extends Base implements Externalizable {
        private static final long serialVersionUID = 5L;
        public Outside() { }
        @Override public void writeExternal(ObjectOutput out) throws IOException {
            out.writeInt(1);
            out.writeObject("outside");
            out.writeInt(2);
        }
        @Override public void readExternal(ObjectInput in) throws IOException, ClassNotFoundException {
            in.readInt();
            in.readObject();
            in.readInt();
        }
    }

    static final class Handler implements InvocationHandler, Serializable {
        private static final long serialVersionUID = 6L;
        @Override public Object invoke(Object proxy, Method method, Object[] args) { return 0; }
    }

    static final class Broken implements Serializable {
        private static final long serialVersionUID = 7L;
        Object good = new Date(1);
        Object thread = new Object();
    }

    static final class Node implements Serializable {
        private static final long serialVersionUID = 8L;
        Node next;
    }

    /** Annotates each class, as RMI does with where to load it from. */
    static final class Annotating extends ObjectOutputStream {
        Annotating(ByteArrayOutputStream out) throws IOException { super(out); }
        @Override protected void annotateClass(Class<?> cl) throws IOException {
            writeObject("http://127.0.0.1/" + cl.getSimpleName());
            writeObject(cl.getName().startsWith("Vectors") ? new Date(7) : null);
            writeInt(7);
        }
        @Override protected void annotateProxyClass(Class<?> cl) throws IOException { writeObject(null); }
    }

    /** The JDK's own reader tells which descriptors there are. */
    static final class Witness extends ObjectInputStream {
        final Map<String, Long> seen = new TreeMap<>();
        final boolean annotated;
        Witness(byte[] data, boolean annotated) throws IOException {
            super(new ByteArrayInputStream(data));
            this.annotated = annotated;
        }
        @Override protected ObjectStreamClass readClassDescriptor() throws IOException, ClassNotFoundException {
            ObjectStreamClass found = super.readClassDescriptor();
            seen.putIfAbsent(found.getName(), found.getSerialVersionUID());
            return found;
        }
        @Override protected Class<?> resolveClass(ObjectStreamClass described)
                throws IOException, ClassNotFoundException {
            if (annotated) { readObject(); readObject(); readInt(); }
            return super.resolveClass(described);
        }
        @Override protected Class<?> resolveProxyClass(String[] names) throws IOException, ClassNotFoundException {
            if (annotated) { readObject(); }
            return super.resolveProxyClass(names);
        }
    }

    interface Writer { void to(ObjectOutputStream out) throws IOException; }

    private static void print(String name, boolean annotated, Writer writer) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ObjectOutputStream out = annotated ? new Annotating(bytes) : new ObjectOutputStream(bytes);
        try {
            writer.to(out);
        } catch (NotSerializableException expected) {
            // The stream now holds the exception.
        }
        out.flush();
        byte[] data = bytes.toByteArray();
        Witness in = new Witness(data, annotated);
        while (true) {
            try {
                in.readObject();
            } catch (java.io.OptionalDataException primitives) {
                in.readByte();
            } catch (java.io.EOFException done) {
                break;
            } catch (java.io.WriteAbortedException told) {
                continue;
            }
        }
        StringBuilder classes = new StringBuilder();
        in.seen.forEach((key,
                uid) -> classes.append(classes.length() > 0 ? "," : "").append(key).append('=').append(uid));
        System.out.println(name + "\t" + classes + "\t" + Base64.getEncoder().encodeToString(deflated(data)));
    }

    private static byte[] deflated(byte[] data) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes)) {
            out.write(data);
        }
        return bytes.toByteArray();
    }

    private static void print(String name, Object... values) throws Exception {
        print(name, false, out -> { for (Object value : values) { out.writeObject(value); } });
    }

    public static void main(String[] args) throws Exception {
        Map<String, Object> session = new LinkedHashMap<>();
        session.put("cart", new Cart());
        session.put("user", 42L);
        session.put("locale", Locale.GERMANY);
        session.put("price", new BigDecimal("12.30"));
        session.put("since", new Date(1700000000000L));
        print("nothing");
        print("null", (Object) null);
        print("string", "text");
        print("string-twice", "text", "other");
        print("long-string", "x".repeat(66_000));
        print("cart", new Cart());
        print("session", session);
        print("hash-map", new HashMap<>(Map.of("a", 1, "b", 2)));
        print("concurrent-map", new ConcurrentHashMap<>(Map.of("a", 1L)));
        print("enum-map", new EnumMap<>(Map.of(Color.RED, "r")));
        print("immutable", List.of(1, 2, 3), Map.of("k", "v"));
        print("enums", Color.RED, Color.GREEN, Color.RED);
        print("record", new Point(1, "one"), new Point(2, "two"));
        print("primitive-arrays", new byte[3], new char[3], new double[3], new float[3], new int[3], new long[3],
                new short[3], new boolean[3], new byte[0]);
        print("object-arrays", new Object[] {"a", null, new int[][] {{1}, {2, 3}}, new Date[] {new Date(3)}},
                new String[0]);
        print("custom", new Custom(), "after");
        print("externalizable", new Outside(), new Outside(), "after");
        print("classes", String.class, Cart.class, Color.class, int[].class, Object.class, Runnable.class);
        print("descriptor", ObjectStreamClass.lookup(Cart.class), new Cart());
        Object proxy = Proxy.newProxyInstance(Vectors.class.getClassLoader(),
                new Class<?>[] {Comparable.class, Runnable.class}, new Handler());
        print("proxy", proxy, proxy);
        print("broken", "before", new Broken(), "after");
        Node list = null;
        for (int n = 0; n < 300; n++) {
            Node front = new Node();
            front.next = list;
            list = front;
        }
        print("nested", list);
        print("annotated", true, out -> { out.writeObject(new Cart()); out.writeObject(proxy); });
        print("reset", false, out -> {
            out.writeObject(new Cart());
            out.reset();
            out.writeObject(new Cart());
        });
        print("primitives", false, out -> {
            out.writeInt(1);
            out.writeUTF("text");
            out.write(new byte[5000]);
            out.writeObject(new Date(5));
            out.writeBoolean(true);
        });
        print("time", Instant.EPOCH, LocalDate.EPOCH, LocalDateTime.MIN, ZonedDateTime.of(LocalDateTime.MIN,
                ZoneId.of("UTC")),
                Duration.ofDays(1), Period.ofDays(2), OffsetDateTime.MAX, ZoneId.of("Europe/Berlin"), Year.of(2024),
                new GregorianCalendar(2024, 1, 1), TimeZone.getTimeZone("Europe/Berlin"), new Timestamp(5),
                new SimpleDateFormat("yyyy"));
        print("collections", new LinkedList<>(List.of(1)), new ArrayDeque<>(List.of("q")), new Stack<>(),
                new Vector<>(List.of(2L)),
                new Hashtable<>(Map.of("h", 1)), new Properties(), new TreeSet<>(List.of("t")),
                new LinkedHashSet<>(List.of("l")),
                new BitSet(70), EnumSet.of(Color.RED), new PriorityQueue<>(List.of(3, 1)),
                new IdentityHashMap<>(Map.of("i", 1)),
                Collections.unmodifiableMap(new HashMap<>(Map.of("u", 1))),
                Collections.synchronizedList(new ArrayList<>()),
                Collections.checkedList(new ArrayList<>(List.of("c")), String.class), Collections.emptyList(),
                new CopyOnWriteArrayList<>(List.of("w")), new ConcurrentSkipListMap<>(Map.of("s", 1)),
                new LinkedBlockingQueue<>(List.of("b")), Arrays.asList(1, "two", 3.0),
                new AbstractMap.SimpleEntry<>("k", "v"));
        print("values", UUID.nameUUIDFromBytes(new byte[1]), URI.create("http://h/p"), new URL("http://h/p"),
                new BigInteger("-99"),
                Currency.getInstance("EUR"), Inet4Address.getByAddress("h", new byte[] {127, 0, 0, 1}),
                new AtomicLong(3),
                new AtomicReference<>("r"), new Random(1), Pattern.compile("a+"), new DecimalFormat("0.0"),
                new File("f"),
                new IllegalStateException("why", new RuntimeException("because")), new StringBuilder("sb"),
                new StringBuffer("sf"),
                (Supplier<String> & Serializable) () -> "lambda");
        print("tree-map", new TreeMap<>(Map.of("k", new ArrayList<>(Arrays.asList(1.5, 2.5f, 'c', true, (byte) 1)))));
    }
}
