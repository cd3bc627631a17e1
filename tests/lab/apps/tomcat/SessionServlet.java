import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;

/**
 * The laboratory's servlet shop; the node's name is the system property lab.node. The property lab.attribute is a fault:
 * LAB_MEMBERS_ONLY=1 in the environment: the cart is for those who have signed in.
 * "refused" puts an object that is not serialisable into the session, "hidden" puts one into the cart,
 * "mutated" changes the cart that is in the session and never puts it there again.
 */
public final class SessionServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final boolean MEMBERS_ONLY = "1".equals(System.getenv("LAB_MEMBERS_ONLY"));
    private static final String FAULT = System.getProperty("lab.attribute", "");

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (isStranger(request)) {
            response.sendRedirect("signin");
            return;
        }
        switch (request.getServletPath()) {
            case "/healthz" -> { name(response); response.setStatus(204); }
            case "/cart" -> page(response, "Cart", list(items(request.getSession(false))));
            case "/signin" -> welcome(request.getSession(true), response);
            case "/account" -> account(request.getSession(false), response);
            case "/count" -> count(response, counted(request.getSession(false)));
            default -> page(response, "Shop", "<a href=\"cart\">Cart</a>");
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (isStranger(request)) {
            response.sendRedirect("signin");
            return;
        }
        HttpSession session = request.getSession(true);
        switch (request.getServletPath()) {
            case "/signin" -> signIn(session, request, response);
            case "/count" -> increment(session, response);
            case "/blob" -> grow(session, Integer.parseInt(request.getParameter("size")), response);
            default -> add(session, request, response);
        }
    }

    private static boolean isStranger(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        return MEMBERS_ONLY && request.getServletPath().equals("/cart")
                && (session == null || session.getAttribute("name") == null);
    }

    /** The first of two steps: a form with the session's token. */
    private static void welcome(HttpSession session, HttpServletResponse response) throws IOException {
        if (session.getAttribute("csrf") == null) {
            session.setAttribute("csrf", Long.toHexString(new SecureRandom().nextLong()));
        }
        page(response, "Sign in", "<form method=\"post\"><input type=\"hidden\" name=\"csrf\" value=\""
                + session.getAttribute("csrf") + "\"><input name=\"user\"><button>Sign in</button></form>");
    }

    /** The second, where the token is the session's; it has a new id afterwards. */
    private static void signIn(HttpSession session, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        Object token = session.getAttribute("csrf");
        if (token == null || !token.equals(request.getParameter("csrf"))) {
            response.setStatus(403);
            page(response, "Forbidden", "<p>Your session has expired. Please sign in again.</p>");
            return;
        }
        request.changeSessionId();
        session.setAttribute("name", request.getParameter("user"));
        page(response, "Welcome", "<p>Signed in.</p>");
    }

    private static void account(HttpSession session, HttpServletResponse response) throws IOException {
        boolean known = session != null && session.getAttribute("name") != null;
        page(response, "Account", known ? "<a href=\"logout\">Sign out</a>" : "<a href=\"signin\">Sign in</a>");
    }

    private static void add(HttpSession session, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        Cart cart = cart(session);
        if (cart != null && FAULT.equals("mutated")) {
            cart.add(request.getParameter("item"));
            page(response, "Added", "<p>Added to the cart.</p>");
            return;
        }
        if (cart == null) {
            cart = new Cart(FAULT.equals("hidden") ? new Object() : null);
        }
        cart.add(request.getParameter("item"));
        session.setAttribute("cart", cart);
        if (FAULT.equals("refused")) {
            session.setAttribute("helper", new Object());
        }
        page(response, "Added", "<p>Added to the cart.</p>");
    }

    /** Adds one, with a moment's work between reading and writing. */
    private static void increment(HttpSession session, HttpServletResponse response) throws IOException {
        int count = counted(session) + 1;
        try {
            Thread.sleep(30);
        } catch (InterruptedException error) {
            throw new IOException(error);
        }
        session.setAttribute("count", count);
        count(response, count);
    }

    private static int counted(HttpSession session) {
        Object count = session == null ? null : session.getAttribute("count");
        return count == null ? 0 : (Integer) count;
    }

    private static void count(HttpServletResponse response, int count) throws IOException {
        name(response);
        response.setContentType("application/json");
        response.getWriter().print("{\"count\": " + count + "}");
    }

    private static void grow(HttpSession session, int size, HttpServletResponse response) throws IOException {
        byte[] random = new byte[size];
        new SecureRandom().nextBytes(random);
        session.setAttribute("blob", Base64.getUrlEncoder().encodeToString(random).substring(0, size));
        page(response, "Stored", "<p>Stored.</p>");
    }

    private static Cart cart(HttpSession session) {
        return session == null ? null : (Cart) session.getAttribute("cart");
    }

    private static List<String> items(HttpSession session) {
        Cart cart = cart(session);
        return cart == null ? List.of() : cart.items();
    }

    private static String list(List<String> items) {
        StringBuilder html = new StringBuilder("<ul>");
        items.forEach(item -> html.append("<li>").append(escaped(item)).append("</li>"));
        return html.append("</ul>").toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static void name(HttpServletResponse response) {
        response.setHeader("X-Node", System.getProperty("lab.node"));
        response.setHeader("Cache-Control", "no-store");
    }

    private static void page(HttpServletResponse response, String title, String body) throws IOException {
        name(response);
        response.setContentType("text/html;charset=UTF-8");
        response.getWriter().print("<!doctype html><html><head><title>" + title + "</title></head><body>"
                + body + "</body></html>\n");
    }
}
