import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Every page of the shop. ROTATE=0 logs in without a new session id; CSRF=local keeps the token in this process;
 * LAB_MEMBERS_ONLY=1: the cart is for those who have signed in. */
@RestController
public class Pages {
    private static final String NODE = System.getenv("NODE");
    private static final boolean ROTATE = !"0".equals(System.getenv("ROTATE"));
    private static final boolean LOCAL_TOKEN = "local".equals(System.getenv("CSRF"));
    private static final boolean MEMBERS_ONLY = "1".equals(System.getenv("LAB_MEMBERS_ONLY"));
    private static final String TOKEN = UUID.randomUUID().toString();

    @GetMapping("/healthz")
    ResponseEntity<String> healthy() {
        return answer(HttpStatus.NO_CONTENT, MediaType.TEXT_PLAIN, null);
    }

    @GetMapping("/")
    ResponseEntity<String> front() {
        return page("Shop", "<a href=\"cart\">Cart</a>");
    }

    @GetMapping("/cart")
    ResponseEntity<String> cart(HttpServletRequest request) {
        if (isStranger(request)) {
            return toTheForm();
        }
        Cart cart = (Cart) value(request, "cart");
        StringBuilder html = new StringBuilder("<ul>");
        List<String> items = cart == null ? List.of() : cart.getItems();
        items.forEach(item -> html.append("<li>").append(escaped(item)).append("</li>"));
        html.append("</ul><form method=\"post\"><input name=\"item\"><button>Add</button></form>");
        return page("Cart", html.toString());
    }

    @PostMapping("/cart")
    ResponseEntity<String> add(HttpServletRequest request, @RequestParam("item") String item) {
        if (isStranger(request)) {
            return toTheForm();
        }
        Cart cart = (Cart) value(request, "cart");
        if (cart == null) {
            cart = new Cart();
        }
        cart.add(item);
        request.getSession().setAttribute("cart", cart);
        return page("Added", "<p>Added to the cart.</p>");
    }

    @PostMapping("/login")
    ResponseEntity<String> login(HttpServletRequest request, @RequestParam("user") String user) {
        request.getSession().setAttribute("user", user);
        if (ROTATE) {
            request.changeSessionId();
        }
        return page("Welcome", "<p>Welcome.</p>");
    }

    /** The first of two steps: a form with the session's token. */
    @GetMapping("/signin")
    ResponseEntity<String> welcome(HttpServletRequest request) {
        if (value(request, "token") == null) {
            request.getSession().setAttribute("token", UUID.randomUUID().toString());
        }
        String field = "<input type=\"hidden\" name=\"csrf\" value=\"" + value(request, "token") + "\">";
        return page("Sign in", "<form method=\"post\">" + field + "<input name=\"user\"><button>Go</button></form>");
    }

    /** The second, where the token is the session's. */
    @PostMapping("/signin")
    ResponseEntity<String> signIn(
            HttpServletRequest request, @RequestParam("csrf") String csrf, @RequestParam("user") String user) {
        if (!csrf.equals(value(request, "token"))) {
            return answer(HttpStatus.FORBIDDEN, MediaType.TEXT_PLAIN, "Your session has expired. Please sign in again.");
        }
        return login(request, user);
    }

    @GetMapping("/account")
    ResponseEntity<String> account(HttpServletRequest request) {
        return page("Account", value(request, "user") == null ? "<p>Sign in</p>" : "<p>Sign out</p>");
    }

    @GetMapping("/pay")
    ResponseEntity<String> form(HttpServletRequest request) {
        if (value(request, "csrf") == null) {
            request.getSession().setAttribute("csrf", UUID.randomUUID().toString());
        }
        String field = "<input type=\"hidden\" name=\"csrf\" value=\"" + token(request) + "\">";
        return page("Pay", "<form method=\"post\">" + field + "</form>");
    }

    @PostMapping("/pay")
    ResponseEntity<String> pay(HttpServletRequest request, @RequestParam("csrf") String csrf) {
        if (!csrf.equals(token(request))) {
            return answer(HttpStatus.FORBIDDEN, MediaType.TEXT_PLAIN, "Invalid token");
        }
        return page("Paid", "<p>Paid</p>");
    }

    @GetMapping("/count")
    ResponseEntity<String> count(HttpServletRequest request) {
        return counted((Integer) value(request, "count"));
    }

    /** Adds one, with a moment's work between reading and writing. */
    @PostMapping("/count")
    ResponseEntity<String> increment(HttpServletRequest request) throws InterruptedException {
        Integer before = (Integer) value(request, "count");
        Thread.sleep(30);
        int count = before == null ? 1 : before + 1;
        request.getSession().setAttribute("count", count);
        return counted(count);
    }

    @PostMapping("/blob")
    ResponseEntity<String> grow(HttpServletRequest request, @RequestParam("size") int size) {
        byte[] random = new byte[size];
        new SecureRandom().nextBytes(random);
        String text = Base64.getUrlEncoder().encodeToString(random).substring(0, size);
        request.getSession().setAttribute("blob", text);
        return page("Stored", "<p>Stored.</p>");
    }

    private static boolean isStranger(HttpServletRequest request) {
        return MEMBERS_ONLY && value(request, "user") == null;
    }

    private static ResponseEntity<String> toTheForm() {
        return ResponseEntity.status(HttpStatus.FOUND).header("Location", "signin").header("X-Node", NODE).build();
    }

    private static Object token(HttpServletRequest request) {
        return LOCAL_TOKEN ? TOKEN : value(request, "csrf");
    }

    private static Object value(HttpServletRequest request, String name) {
        HttpSession session = request.getSession(false);
        return session == null ? null : session.getAttribute(name);
    }

    private static ResponseEntity<String> counted(Integer count) {
        String json = "{\"count\": " + (count == null ? 0 : count) + "}";
        return answer(HttpStatus.OK, MediaType.APPLICATION_JSON, json);
    }

    private static ResponseEntity<String> page(String title, String body) {
        String html = "<!doctype html><html><head><title>" + title + "</title></head><body>" + body + "</body></html>\n";
        return answer(HttpStatus.OK, MediaType.TEXT_HTML, html);
    }

    private static ResponseEntity<String> answer(HttpStatus status, MediaType type, String body) {
        return ResponseEntity.status(status)
                .contentType(type)
                .header("X-Node", NODE)
                .header("Cache-Control", "no-store")
                .body(body);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
