'use strict';
// The laboratory's Express shop. Everything that can be wrong with it is an environment variable:
// PORT NODE SECRET COOKIE_PATH COOKIE_SECURE COOKIE_MAX_AGE_S TRUST_PROXY MOUNT
// STORE (redis | memcached | memory | cookie, by cookie-session) REDIS_URL (several, separated by commas: nodes of a Redis Cluster; of memcached
// host:port,host:port) PREFIX TTL_S DISABLE_TOUCH (1: reading renews nothing) DISABLE_TTL (1: no expiry)
// ROTATE (0: logging in keeps the session id) CSRF (session | local, a token in the memory of the node)
// COOKIE_NAME VERSION (its header; version 2 keeps the cart under another name) FLAP_S (the health check fails for that long, then
// not) BOUND (1: a session that comes from another address is destroyed) COOKIE_DOMAIN (1: the host of the request)
// LAB_MEMBERS_ONLY (1: the cart is for those who have signed in) NAMED (0: no header names the node) PRG (1: a POST to the cart is answered by a redirect to it)
// TOKEN_HEADER (the header that the session travels in, in place of its cookie)
// LATE_MS (a session is saved so long after its answer)

const { createHash, randomBytes } = require('crypto');
const express = require('express');
const session = require('express-session');
const cookieSession = require('cookie-session');
const MemcachedStore = require('connect-memcached')(session);
const RedisStore = require('connect-redis').default;
const { createClient, createCluster } = require('redis');

const env = process.env;
const cart = env.VERSION.startsWith('2') ? 'basket' : 'items';
const localToken = randomBytes(16).toString('hex');

function redisStore() {
  const urls = env.REDIS_URL.split(',');
  const [, password] = urls[0].match(/:([^:@/]*)@/) || [];
  const client = urls.length > 1
    ? createCluster({ rootNodes: urls.map((url) => ({ url })), defaults: { password } })
    : createClient({ url: env.REDIS_URL });
  client.on('error', (error) => console.error('redis:', error.message));
  client.connect().catch((error) => console.error('redis connect:', error.message));
  const expiry = { disableTouch: env.DISABLE_TOUCH === '1', disableTTL: env.DISABLE_TTL === '1' };
  return new RedisStore({ client, prefix: env.PREFIX, ttl: Number(env.TTL_S), ...expiry });
}

function memcachedStore() {
  // Without a ttl of its own the store takes the cookie's maxAge.
  return new MemcachedStore({ hosts: env.REDIS_URL.split(','), prefix: env.PREFIX, ttl: env.COOKIE_MAX_AGE_S ? undefined : Number(env.TTL_S) });
}

const STORES = { redis: redisStore, memcached: memcachedStore, memory: () => new session.MemoryStore() };

// Fire and forget: the store says that it has saved before it has.
function saving(store) {
  const save = store.set.bind(store);
  if (Number(env.LATE_MS)) {
    store.set = (id, data, done) => { setTimeout(() => save(id, data, () => {}), Number(env.LATE_MS)); done(); };
  }
  return store;
}

function sessions() {
  if (env.STORE === 'cookie') return cookieSession({ name: 'session', keys: [env.SECRET], sameSite: 'lax' });
  const maxAge = env.COOKIE_MAX_AGE_S ? 1000 * Number(env.COOKIE_MAX_AGE_S) : undefined;
  return session({
    name: env.COOKIE_NAME,
    store: saving(STORES[env.STORE]()),
    secret: env.SECRET,
    cookie: { path: env.COOKIE_PATH, secure: env.COOKIE_SECURE === '1', httpOnly: true, sameSite: 'lax', maxAge },
    rolling: maxAge !== undefined,
    resave: false,
    saveUninitialized: false,
  });
}

// For clients that keep no cookies: the session's cookie is a header of its own, in both directions.
function inHeader(request, response, next) {
  const [token, set, name] = [request.get(env.TOKEN_HEADER), response.setHeader.bind(response), `${env.COOKIE_NAME}=`];
  request.headers.cookie = token ? name + token : '';
  response.setHeader = (header, value) => {
    if (header.toLowerCase() !== 'set-cookie') return set(header, value);
    const line = [].concat(value).find((one) => one.startsWith(name));
    return line ? set(env.TOKEN_HEADER, line.slice(name.length).split(';')[0]) : response;
  };
  next();
}

function page(title, body) {
  return `<!doctype html><html><head><title>${title}</title></head><body>${body}</body></html>\n`;
}

const ADD = '<form method="post"><input name="item"><button>Add</button></form>';

function escaped(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function token(request) {
  if (env.CSRF === 'local') return localToken;
  request.session.csrf = request.session.csrf || randomBytes(16).toString('hex');
  return request.session.csrf;
}

// What only some sites have: a login, and a form with a token.
function members(router, form) {
  const login = (request, response, next) => {
    const kept = { [cart]: request.session[cart], csrf: request.session.csrf };
    const welcome = () => {
      Object.assign(request.session, kept, { name: String(request.body.user) });
      response.send(page('Welcome', '<p>Signed in.</p>'));
    };
    if (env.ROTATE === '0' || !request.session.regenerate) return welcome();
    return request.session.regenerate((error) => (error ? next(error) : welcome()));
  };
  router.post('/login', form, login);
  // The same in two steps: a form with the session's token, which must come back with the name.
  router.get('/signin', (request, response) => {
    request.session.csrf = request.session.csrf || randomBytes(16).toString('hex');
    const field = `<input type="hidden" name="csrf" value="${request.session.csrf}">`;
    response.send(page('Sign in', `<form method="post">${field}<input name="user"><button>Sign in</button></form>`));
  });
  router.post('/signin', form, (request, response, next) => {
    const { csrf } = request.session;
    if (csrf && request.body.csrf === csrf) return login(request, response, next);
    return response.status(403).send(page('Forbidden', '<p>Your session has expired. Please sign in again.</p>'));
  });
  router.get('/account', (request, response) => {
    const name = request.session && request.session.name;
    const body = name ? `<p>${escaped(name)}</p><a href="logout">Sign out</a>` : '<a href="login">Sign in</a>';
    response.send(page('Account', body));
  });
  router.get('/pay', (request, response) => {
    const field = `<input type="hidden" name="csrf" value="${token(request)}">`;
    response.send(page('Pay', `<form method="post">${field}<button>Pay</button></form>`));
  });
  router.post('/pay', form, (request, response) => {
    if (request.body.csrf === token(request)) return response.send(page('Paid', '<p>Paid.</p>'));
    return response.status(403).send(page('Forbidden', '<p>CSRF token mismatch.</p>'));
  });
}

const work = () => new Promise((resolve) => { setTimeout(resolve, 30); });

// What shows races and limits: a counter with a moment's work between reading and writing, and a session that grows.
function experiments(router, form) {
  router.get('/count', (request, response) => response.json({ count: request.session.count || 0 }));
  router.post('/count', async (request, response) => {
    const count = (request.session.count || 0) + 1;
    await work();
    request.session.count = count;
    response.json({ count });
  });
  router.post('/blob', form, (request, response) => {
    request.session.blob = randomBytes(Number(request.body.size)).toString('base64url').slice(0, request.body.size);
    response.send(page('Stored', '<p>Stored.</p>'));
  });
}

// Against stolen cookies: a session belongs to the address that it was made from; whoever loses one is told so.
function bound(request, response, next) {
  const { address } = request.session;
  if (request.method === 'POST') request.session.address = request.ip;
  if (!address || address === request.ip) return next();
  return request.session.regenerate((error) => {
    if (!error) request.session.notice = 'Please sign in again.';
    next(error);
  });
}

// Many shops on one server, each with a cookie for its own host.
function ofThisHost(request, response, next) {
  request.session.cookie.domain = request.hostname;
  next();
}

function membersOnly(request, response, next) {
  if (env.LAB_MEMBERS_ONLY !== '1' || (request.session && request.session.name)) return next();
  return response.redirect('signin');
}

// An application that is overloaded now and then.
let requests = 0;
function overloaded(request, response, next) {
  requests += 1;
  if (Number(env.FAILS_EVERY) && requests % Number(env.FAILS_EVERY) === 0) return response.status(503).end();
  return next();
}

// A page of the application that ends sessions: the first visit of it comes after some views of the cart.
function thrownAway(request, response, next) {
  const most = Number(env.THROWN_AWAY_AFTER);
  if (!most || request.method !== 'GET' || !request.session[cart]) return next();
  request.session.views = (request.session.views || 0) + 1;
  if (request.session.views <= most) return next();
  return request.session.regenerate(next);
}

function isIll() {
  const period = 1000 * Number(env.FLAP_S);
  return period > 0 && Math.floor(Date.now() / period) % 2 === 1;
}

function shop() {
  const router = express.Router();
  router.get('/', (request, response) => response.send(page('Shop', '<a href="cart">Cart</a>')));
  if (env.TOKEN_HEADER) router.use(inHeader);
  router.use('/cart', overloaded);
  router.use(sessions());
  if (env.BOUND === '1') router.use(bound);
  if (env.COOKIE_DOMAIN === '1') router.use(ofThisHost);
  router.use('/cart', membersOnly);
  router.use('/cart', thrownAway);
  router.get('/cart', (request, response) => {
    const items = (request.session && request.session[cart]) || [];
    response.send(page('Cart', `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>${ADD}`));
  });
  router.post('/cart', express.urlencoded({ extended: false }), (request, response) => {
    request.session[cart] = [...(request.session[cart] || []), String(request.body.item)].slice(-20);
    if (env.PRG === '1') return response.redirect(303, 'cart');
    return response.send(page('Added', '<p>Added to the cart.</p>'));
  });
  members(router, express.urlencoded({ extended: false }));
  experiments(router, express.urlencoded({ extended: false }));
  return router;
}

const app = express();
app.set('etag', false);
app.set('trust proxy', env.TRUST_PROXY === '1' ? 1 : false);
app.use((request, response, next) => {
  response.set('Cache-Control', 'no-store');
  if (env.NAMED !== '0') response.set('X-Node', env.NODE);
  if (env.VERSION) response.set('X-App-Version', env.VERSION);
  next();
});
app.get('/healthz', (request, response) => response.status(isIll() ? 503 : 204).end());
app.use(env.MOUNT, shop());

const server = app.listen(Number(env.PORT), '127.0.0.1');

// Live updates: WebSockets (RFC 6455) on which nothing is said.
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
server.on('upgrade', (request, socket) => {
  if (request.url !== '/live') return socket.destroy();
  const key = `${request.headers['sec-websocket-key']}${GUID}`;
  const accept = createHash('sha1').update(key).digest('base64');
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.end());
  return socket.write([
    'HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`, `X-Node: ${env.NODE}`, '', '',
  ].join('\r\n'));
});
process.on('SIGTERM', () => { server.close(); process.exit(0); });
