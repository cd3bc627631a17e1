<?php
// The laboratory's PHP shop. Sessions are set in php.ini; the rest that can be wrong is an environment variable:
// LAB_MEMBERS_ONLY (1: the cart is for those who have signed in)
// NODE ROTATE (0: logging in keeps the session id) CSRF (session | local, a token that only this node knows)

declare(strict_types=1);

function page(string $title, string $body, int $status = 200): void
{
    http_response_code($status);
    echo "<!doctype html><html><head><title>$title</title></head><body>$body</body></html>\n";
}

function escaped(string $text): string
{
    return htmlspecialchars($text);
}

function cart(): void
{
    keep_strangers_out();
    $items = array_map(fn($item) => '<li>' . escaped($item) . '</li>', $_SESSION['items'] ?? []);
    page('Cart', '<ul>' . implode($items) . '</ul>');
}

function add(): void
{
    keep_strangers_out();
    $_SESSION['items'] = array_slice([...$_SESSION['items'] ?? [], $_POST['item']], -20);
    page('Added', '<p>Added to the cart.</p>');
}

function login(): void
{
    if (getenv('ROTATE') === '1') {
        session_regenerate_id(true);
    }
    $_SESSION['name'] = $_POST['user'];
    page('Welcome', '<p>Signed in.</p>');
}

function keep_strangers_out(): void
{
    if (getenv('LAB_MEMBERS_ONLY') === '1' && !isset($_SESSION['name'])) {
        header('Location: signin', true, 302);
        exit;
    }
}

// The first of two steps: a form with the session's token.
function welcome(): void
{
    $field = '<input type="hidden" name="csrf" value="' . ($_SESSION['csrf'] ??= bin2hex(random_bytes(16))) . '">';
    page('Sign in', "<form method=\"post\">$field<input name=\"user\"><button>Sign in</button></form>");
}

// The second, where the token is the session's.
function sign_in(): void
{
    if (isset($_SESSION['csrf']) && hash_equals($_SESSION['csrf'], $_POST['csrf'] ?? '')) {
        login();
    } else {
        page('Forbidden', '<p>Your session has expired. Please sign in again.</p>', 403);
    }
}

function account(): void
{
    $name = $_SESSION['name'] ?? '';
    page('Account', $name === '' ? '<a href=login>Sign in</a>' : escaped($name) . ' <a href=logout>Sign out</a>');
}

function token(): string
{
    if (getenv('CSRF') === 'local') {
        return hash('sha256', getenv('NODE') . getmypid());
    }
    return $_SESSION['csrf'] ??= bin2hex(random_bytes(16));
}

function form(): void
{
    page('Pay', '<form method=post><input type=hidden name=csrf value=' . token() . '><button>Pay</button></form>');
}

function pay(): void
{
    if (hash_equals(token(), $_POST['csrf'] ?? '')) {
        page('Paid', '<p>Paid.</p>');
    } else {
        page('Forbidden', '<p>CSRF token mismatch.</p>', 403);
    }
}

function count_shown(int $count): void
{
    header('Content-Type: application/json');
    echo json_encode(['count' => $count]);
}

function counter(): void
{
    count_shown($_SESSION['count'] ?? 0);
}

// A moment's work between reading and writing.
function increment(): void
{
    $count = ($_SESSION['count'] ?? 0) + 1;
    usleep(30_000);
    $_SESSION['count'] = $count;
    count_shown($count);
}

function grow(): void
{
    $size = (int) $_POST['size'];
    $_SESSION['blob'] = substr(base64_encode(random_bytes($size)), 0, $size);
    page('Stored', '<p>Stored.</p>');
}

const PAGES = [
    'GET /cart' => 'cart',
    'POST /cart' => 'add',
    'POST /login' => 'login',
    'GET /signin' => 'welcome',
    'POST /signin' => 'sign_in',
    'GET /account' => 'account',
    'GET /pay' => 'form',
    'POST /pay' => 'pay',
    'GET /count' => 'counter',
    'POST /count' => 'increment',
    'POST /blob' => 'grow',
];

header('X-Node: ' . getenv('NODE'));
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$page = PAGES["{$_SERVER['REQUEST_METHOD']} $path"] ?? null;
if ($path === '/healthz') {
    http_response_code(204);
} elseif ($path === '/') {
    page('Shop', '<a href=cart>Cart</a>');
} elseif ($page === null) {
    page('Not found', '', 404);
} else {
    session_start();
    $page();
}
