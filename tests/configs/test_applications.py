"""Readers of applications in Python, PHP, JavaScript and Ruby: whole files, fragments and cut files."""

from __future__ import annotations

import pytest

from tests.configs.build import configs


def origins(text: str) -> list[tuple[str, str, int]]:
    """Origin, fallback and line of each secret."""
    return [(secret.origin, secret.fallback, secret.at.line) for secret in configs(text).secrets]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("app.secret_key = os.urandom(24)   # gunicorn -w 4\n", ("made-at-start", "", 1)),
        ("app = Flask(__name__)\napp.config['SECRET_KEY'] = 'abc'\n", ("literal", "", 2)),
        ("import os\nSECRET_KEY = os.environ.get('A', secrets.token_hex(16))\n", ("environment", "made-at-start", 2)),
        ("import os\nSECRET_KEY = os.environ['A']\nSESSION_TYPE = 'redis'\n", ("environment", "", 2)),
        ("app = Flask(__name__)\napp.config.update(\n  SECRET_KEY=uuid.uuid4().hex,\n)\n", ("made-at-start", "", 3)),
        (
            "SESSION_ENGINE='a'\nSECRET_KEY = env('K', default=get_random_secret_key())\n",
            ("environment", "made-at-start", 2),
        ),
        ("SESSION_ENGINE='a'\nSECRET_KEY = open('/k').read().strip()\n", ("file", "", 2)),
        ("app.add_middleware(SessionMiddleware, secret_key=secrets.token_urlsafe(32))\n", ("made-at-start", "", 1)),
        ("app.secret_key = os.environ.get('K') or os.urandom(24)\n", ("environment", "made-at-start", 1)),
        (
            (
                "app = Flask(__name__)\nclass Config:\n  SECRET_KEY = os.urandom(9)\n"
                "class TestingConfig:\n  SECRET_KEY = 'a'\n"
            ),
            ("made-at-start", "", 3),
        ),
    ],
)
def test_secrets_in_python(text: str, told: tuple[str, str, int]) -> None:
    """Literal, environment, file, made at start, and what is used where nothing is set."""
    assert origins(text) == [told]


def test_what_is_no_setting() -> None:
    """A local name, and what a method is given."""
    text = "app = Flask(__name__)\ndef f():\n  secret_key = current_app.config['SECRET_KEY']\n"
    assert not origins(text + "  secret_key = secret_key.encode('utf-8')\n")


def test_django_settings() -> None:
    """Sessions in a cache that is the memory of one process."""
    found = configs("""
        SESSION_ENGINE = "django.contrib.sessions.backends.cache"
        CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
        SESSION_COOKIE_AGE = 60 * 60
        SESSION_COOKIE_SECURE = True
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    """)
    (store,) = found.session_stores
    assert (store.place, store.at.line, store.stack) == ("memory", 2, "django")
    assert [idle.seconds for idle in found.session_idles] == [3600]
    assert [cookie.cookie.secure for cookie in found.session_cookies] == [True]
    assert [trust.trusts for trust in found.proxy_trusts] == [True]


def test_django_cache_on_redis() -> None:
    """Endpoint, database and prefix, and no password."""
    found = configs("""
        SESSION_ENGINE = "django.contrib.sessions.backends.cache"
        SESSION_CACHE_ALIAS = "s"
        CACHES = {"s": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": ["redis://:hunter2@r:6379/3"],
                        "KEY_PREFIX": "shop"}}
    """)
    (store,) = found.session_stores
    assert (store.place, store.endpoint, store.database, store.prefix) == ("redis", "r:6379", "3", "shop")
    assert "hunter2" not in repr(found)


def test_a_cut_python_file() -> None:
    """What stands before and behind the mistake is read."""
    text = "import os\nSESSION_TYPE = 'filesystem'\nX = {'a': (\nSECRET_KEY = os.urandom(9)\n"
    found = configs(text)
    assert [store.place for store in found.session_stores] == ["files"]
    assert [secret.at.line for secret in found.secrets] == [4]


def test_flask_session() -> None:
    """Where Redis is, and how long a session lives."""
    found = configs("""
        SESSION_TYPE = "redis"
        SESSION_REDIS = redis.Redis(host="localhost", db=2)
        PERMANENT_SESSION_LIFETIME = timedelta(minutes=30)
        TALISMAN_CONFIG = {"session_cookie_secure": True}
        app.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1)
    """)
    assert [(store.endpoint, store.database) for store in found.session_stores] == [("localhost:6379", "2")]
    assert [idle.seconds for idle in found.session_idles] == [1800]
    assert [cookie.cookie.secure for cookie in found.session_cookies] == [True]
    assert found.proxy_trusts


def test_gunicorn_conf() -> None:
    """A number, or as many as the machine has processors: several."""
    assert [one.workers for one in configs("workers = 4\nbind = ':80'\n").workloads] == [4]
    found = configs("import multiprocessing\nworkers = multiprocessing.cpu_count() * 2 + 1\nbind = ':80'\n")
    assert [one.workers for one in found.workloads] == [2]


def test_php_ini() -> None:
    """Redis with a database and a prefix, and no password."""
    found = configs("""
        session.save_handler = redis
        session.save_path = "tcp://10.0.0.9:6379?auth=hunter2&database=2&prefix=shop:"
        session.gc_maxlifetime = 1440
    """)
    (store,) = found.session_stores
    assert (store.endpoint, store.database, store.prefix, store.ttl_s) == ("10.0.0.9:6379", "2", "shop:", 1440)
    assert "hunter2" not in repr(found)


def test_fpm_pools_are_apart() -> None:
    """`php_admin_value` of a pool; what is commented out is not said."""
    found = configs("""
        [www]
        pm = dynamic
        php_admin_value[session.save_handler] = files
        ;php_value[session.save_path] = /old
        php_value[session.save_path] = /var/lib/php/session
        [api]
        php_value[session.save_handler] = memcached
        php_value[session.save_path] = "m1:11211,m2:11211"
    """)
    assert [(store.place, store.endpoint) for store in found.session_stores] == [
        ("files", "/var/lib/php/session"),
        ("memcached", "m1:11211,m2:11211"),
    ]


def test_php_code() -> None:
    """ini_set, cookie parameters, WordPress's keys; its placeholder is no key."""
    found = configs(r"""
        <?php
        ini_set('session.save_handler', 'redis');
        session_set_cookie_params(['lifetime' => 3600, 'secure' => true, 'samesite' => 'None']);
        define('LOGGED_IN_KEY', 'ab;c$d');
        define( 'AUTH_KEY', 'put your unique phrase here' );
        // define('NONCE_KEY', 'old');
    """)
    assert [store.place for store in found.session_stores] == ["redis"]
    assert [(cookie.cookie.same_site, cookie.cookie.secure) for cookie in found.session_cookies] == [("none", True)]
    assert [(secret.variable, secret.at.line) for secret in found.secrets] == [("LOGGED_IN_KEY", 4)]


def test_laravel() -> None:
    """Literals count; `env()` without a file that sets it does not."""
    found = configs(
        "return [\n 'driver' => 'file',\n 'lifetime' => env('SESSION_LIFETIME', 120),\n 'secure' => true,\n];\n"
    )
    assert [store.place for store in found.session_stores] == ["files"]
    assert not found.session_idles
    assert not configs("return ['driver' => env('SESSION_DRIVER', 'file'), 'lottery' => [2, 100]];\n").session_stores


def test_magento_and_symfony() -> None:
    """Redis in a nested array, and in YAML."""
    magento = "<?php\nreturn [\n"
    magento += " 'session' => [\n 'save' => 'redis',\n 'redis' => ['host' => 'r', 'database' => '2']\n],\n];\n"
    assert [(one.endpoint, one.database) for one in configs(magento).session_stores] == [("r:6379", "2")]
    symfony = "framework:\n  session:\n    handler_id: 'redis://u:pass@localhost:6379/1'\n    cookie_samesite: lax\n"
    found = configs(symfony)
    assert [(one.endpoint, one.database, one.at.line) for one in found.session_stores] == [("localhost:6379", "1", 3)]
    assert "pass" not in repr(found)


EXPRESS = """
    const session = require('express-session')
    app.set('trust proxy', 1)
    app.use(session({
      secret: process.env.SESSION_SECRET || crypto.randomBytes(32).toString('hex'),
      // store: new RedisStore({ client }),
      resave: false, saveUninitialized: true,
      cookie: { secure: process.env.NODE_ENV === 'production', maxAge: 1000 * 60 * 60 },
    }))
"""


def test_express_without_a_store() -> None:
    """Sessions are in memory; a comment is no store."""
    found = configs(EXPRESS)
    (store,) = found.session_stores
    assert (store.place, store.default, store.at.line) == ("memory", True, 3)
    assert origins(EXPRESS) == [("environment", "made-at-start", 4)]
    assert [(one.cookie.secure, one.cookie.life_s) for one in found.session_cookies] == [(True, 3600)]
    assert [trust.trusts for trust in found.proxy_trusts] == [True]


def test_a_cut_express_file_does_not_lack_a_store() -> None:
    """It may stand behind the cut."""
    assert not configs("app.use(session({ resave: false, saveUninitialized: true,\n").session_stores
    assert [one.place for one in configs("session({store, resave: false})\n").session_stores] == ["other"]


def test_connect_redis() -> None:
    """Client, prefix, life; no touch means that use does not lengthen it."""
    found = configs("""
        import { RedisStore } from "connect-redis"
        const client = createClient({ url: "redis://:hunter2@localhost:6379/1" })
        const store = new RedisStore({ client, prefix: "myapp:", disableTouch: true, ttl: 3600 })
        app.use(session({ store, resave: false, saveUninitialized: false, secret: "keyboard cat" }))
    """)
    (store,) = found.session_stores
    assert (store.endpoint, store.database, store.prefix) == ("localhost:6379", "1", "myapp:")
    assert (store.ttl_s, store.sliding) == (3600, False)
    assert "hunter2" not in repr(found)


def test_socket_io_pm2_and_cluster() -> None:
    """Polling unless told otherwise; instances; a client without credentials."""
    server = (
        'const { Server } = require("socket.io")\nconst io = new Server(http, {})\nio.adapter(createAdapter(a, b))\n'
    )
    (setting,) = configs(server).settings
    assert (setting.name, setting.value, setting.scope) == ("socket.io", "polling", "shared")
    assert configs(server.replace("{}", "{ transports: ['websocket'] }")).settings[0].value == "websocket"
    pm2 = "module.exports = { apps: [{ instances: 'max', exec_mode: 'cluster' }] }\n"
    assert [one.workers for one in configs(pm2).workloads] == [2]
    client = "import io from 'socket.io-client'\nio('https://api.example.com', { query: {} })\n"
    assert [one.value for one in configs(client).settings] == ["no credentials"]


def test_rails() -> None:
    """A store over several lines, a secret with a fallback, Puma's workers."""
    found = configs("""
        Rails.application.config.session_store :redis_store,
          servers: ["redis://localhost:6379/0/session"],
          expire_after: 90.minutes, key: "_app", secure: Rails.env.production?
        config.secret_key_base = ENV["SECRET_KEY_BASE"] || SecureRandom.hex(64)
    """)
    (store,) = found.session_stores
    assert (store.endpoint, store.database, store.prefix, store.ttl_s) == ("localhost:6379", "0", "session", 5400)
    assert [cookie.cookie.secure for cookie in found.session_cookies] == [True]
    assert [secret.fallback for secret in found.secrets] == ["made-at-start"]
    memory = 'config.session_store :cache_store, key: "x"\nconfig.cache_store = :memory_store\n'
    assert [one.place for one in configs(memory).session_stores] == ["memory"]
    puma = 'workers ENV.fetch("WEB_CONCURRENCY") { 2 }\nthreads 1, 5\npreload_app!\n'
    assert [one.workers for one in configs(puma).workloads] == [2]
    yaml = "development:\n  secret_key_base: abc\nproduction:\n  secret_key_base: <%= ENV['SECRET_KEY_BASE'] %>\n"
    assert origins(yaml) == [("environment", "", 4)]


def test_an_address_that_is_none_breaks_no_reader() -> None:
    """A bracket too many is a mistake in the file."""
    (store,) = configs('session.save_handler = redis\nsession.save_path = "tcp://a:]6379?database=2"\n').session_stores
    assert (store.place, store.endpoint, store.database) == ("redis", "", "2")
