import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.List;

/**
 * The laboratory's servlet shop; the node's name is the system property lab.node. The property lab.attribute is a fault:
 * "refused" puts an object that is not serialisable into the session, "hidden" puts one into the cart.
 */
public final class SessionServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final String FAULT = System.getProperty("lab.attribute", "");

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        switch (request.getServletPath()) {
            case "/healthz" -> { name(response); response.setStatus(204); }
            case "/cart" -> page(response, "Cart", list(items(request.getSession(false))));
            default -> page(response, "Shop", "<a href=\"cart\">Cart</a>");
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession(true);
        Cart cart = cart(session);
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
