"""Checks of configuration files of applications and stores: family store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.topology.model import Node
from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

MEMORY = "app.use(session({ secret: 's', resave: false, saveUninitialized: false }))\n"
REDIS = "const { RedisStore } = require('connect-redis')\n" + MEMORY.replace(
    "{ s", "{ store: new RedisStore({ client }), s"
)
PHP = "session.save_handler = files\nsession.save_path = /tmp/sessions\n"
LARAVEL = "SESSION_DRIVER=%s\nCACHE_DRIVER=redis\nAPP_NAME=shop\n"
ENV = "services:\n  shop:\n    image: shop\n    environment: {REDIS_URL: 'redis://%s:6379/0'}\n"
CONF = "maxmemory 100mb\nmaxmemory-policy %s\n"
LOST = topology(symptoms=("logged-out-at-random",))
PREFIX = "'prefix' => env('CACHE_PREFIX', %s),\n'driver' => 'redis',\n"
SESSION_PATH = "session.save_handler = memcached\nsession.save_path = '%s'\n"
STORE = "app.use(session({ store: new RedisStore({ client, %s }), resave: false, saveUninitialized: false, cookie: { %s } }))\n"
UNIT = "[Service]\nExecStart=/usr/sbin/php-fpm\nPrivateTmp=true\n"
SWARM = "services:\n  shop:\n    image: shop\n    deploy: {replicas: 3}\n"

CASES = [
    case("sessions-kept-by-process", FAIL, configs(MEMORY), says="MemoryStore"),
    case("sessions-kept-by-process", FAIL, configs(MEMORY, SWARM), says="several nodes"),
    case("sessions-kept-by-process", PASS, configs(REDIS)),
    case("sessions-kept-by-process", NOT, configs("REDIS_URL=redis://r\nA=1\n")),
    case("session-files-not-shared", FAIL, configs(PHP, SWARM), topology(), says="several replicas"),
    case("session-files-not-shared", FAIL, configs(PHP, UNIT), topology(), says="private /tmp"),
    case("session-files-not-shared", FAIL, configs(PHP), LOST, says="/tmp/sessions"),
    case("session-files-not-shared", FAIL, configs(app1=PHP, app2=PHP.replace("/tmp", "/srv")), topology(), says="another node names another folder"),
    case("session-files-not-shared", UNSURE, configs(app1=PHP, app2=PHP), topology()),
    case("session-files-not-shared", UNSURE, configs(PHP), topology()),
    case("session-files-not-shared", PASS, configs(PHP, SWARM.replace("    deploy: {replicas: 3}", "    volumes: ['s:/s']")), topology()),
    case("session-files-not-shared", NOT, configs(REDIS), topology()),
    case("store-on-own-host", FAIL, configs(ENV % "localhost"), says="the container itself"),
    case("store-on-own-host", FAIL, configs(app1="SESSION_REDIS_URL=redis://127.0.0.1\n", app2="SESSION_REDIS_URL=redis://127.0.0.1\n"),
         says="each of the nodes"),
    case("store-on-own-host", UNSURE, configs("SESSION_REDIS_URL=redis://127.0.0.1\n")),
    case("store-on-own-host", UNSURE, configs(app1="SESSION_REDIS_URL=redis://127.0.0.1\n", app2="SESSION_REDIS_URL=redis://127.0.0.1\n"),
         topology(nodes=(Node("app1", "http://10.0.0.1:3000/"), Node("app2", "http://10.0.0.1:3001/"))), says="at one host"),
    case("store-on-own-host", FAIL, configs(app1="SESSION_REDIS_URL=redis://127.0.0.1\n", app2="SESSION_REDIS_URL=redis://127.0.0.1\n"),
         topology(nodes=(Node("app1", "http://10.0.0.1:3000/"), Node("app2", "http://10.0.0.2:3000/"))), says="one of its own"),
    case("store-on-own-host", UNSURE, configs((ENV % "localhost") + "    network_mode: host\n")),
    case("store-on-own-host", PASS, configs(ENV % "redis")),
    case("store-on-own-host", NOT, configs(MEMORY)),
    case("store-urls-differ", FAIL, topology(), configs(app1=ENV % "a", app2=ENV % "b"), says="keeps sessions at"),
    case("store-urls-differ", PASS, topology(), configs(app1=ENV % "a", app2=ENV % "a")),
    case("store-urls-differ", NOT, topology(), configs(ENV % "a", ENV % "b")),
    case("store-urls-differ", NOT, topology(), configs(app1=PHP, app2=PHP.replace("/tmp", "/srv"))),
    case("prefixes-configured-differ", FAIL, configs(app1=STORE % ("prefix: 'a:'", ""), app2=STORE % ("prefix: 'b:'", "")), topology()),
    case("prefixes-configured-differ", PASS, configs(app1=STORE % ("prefix: 'a:'", ""), app2=STORE % ("prefix: 'a:'", "")), topology()),
    case("prefixes-configured-differ", NOT, configs(STORE % ("prefix: 'a:'", ""), STORE % ("prefix: 'b:'", "")), topology()),
    case("memcached-lists-differ", FAIL, configs(app1=SESSION_PATH % "m1:11211,m2:11211", app2=SESSION_PATH % "m2:11211,m1:11211"), topology()),
    case("memcached-lists-differ", PASS, configs(app1=SESSION_PATH % "m1:11211,m2:11211", app2=SESSION_PATH % "m1:11211,m2:11211"), topology()),
    case("memcached-lists-differ", NOT, configs(SESSION_PATH % "m1:11211,m2:11211"), topology()),
    case("prefix-of-release", FAIL, configs(PREFIX % "basename(base_path())"), says="base_path()"),
    case("prefix-of-release", PASS, configs(STORE % ("prefix: 'a:'", ""))),
    case("prefix-of-release", NOT, configs(PREFIX % "'shop'")),
    case("cache-shares-database", FAIL, configs(LARAVEL % "redis"), LOST, says="no database of its own"),
    case("cache-shares-database", FAIL, configs(LARAVEL % "redis" + "REDIS_DB=3\n"), topology(), says="database 3"),
    case("cache-shares-database", UNSURE, configs(LARAVEL % "redis"), topology()),
    case("cache-shares-database", PASS, configs(LARAVEL % "redis" + "REDIS_CACHE_DB=1\nREDIS_DB=0\n"), LOST),
    case("cache-shares-database", NOT, configs(LARAVEL % "file"), LOST),
    case("policy-configured-evicts", FAIL, configs(CONF % "allkeys-lru", REDIS), topology(), says="allkeys-lru"),
    case("policy-configured-evicts", FAIL, configs(CONF % "volatile-ttl"), LOST),
    case("policy-configured-evicts", UNSURE, configs(CONF % "allkeys-lru"), topology()),
    case("policy-configured-evicts", PASS, configs(CONF % "noeviction", REDIS), topology()),
    case("policy-configured-evicts", NOT, configs("maxmemory-policy allkeys-lru\n", REDIS), topology()),
    case("session-life-fills-store", FAIL, configs(STORE % ("ttl: 86400", "maxAge: 365 * 86400e3")), says="365 days"),
    case("session-life-fills-store", PASS, configs(STORE % ("", "maxAge: 86400e3"))),
    case("session-life-fills-store", NOT, configs(MEMORY)),
    case("sessions-at-replica", FAIL, configs("SESSION_REDIS_URL=redis://redis-replica.prod:6379\n"), says="by its name"),
    case("sessions-at-replica", FAIL, configs('--redis-use-cluster=true --redis-cluster-connection-urls="redis://r.ns:6379"\n'),
         says="one address"),
    case("sessions-at-replica", PASS, configs("SESSION_REDIS_URL=redis://redis-primary.prod:6379\n")),
    case("sessions-at-replica", NOT, configs(MEMORY)),
    case("store-forgets-at-restart", FAIL, configs('save ""\nappendonly no\n', REDIS), topology()),
    case("store-forgets-at-restart", UNSURE, configs('save ""\nappendonly no\n'), topology()),
    case("store-forgets-at-restart", PASS, configs('save ""\nappendonly yes\n', REDIS), topology()),
    case("store-forgets-at-restart", NOT, configs("appendonly no\n", REDIS), topology()),
    case("writes-need-replicas", FAIL, configs("min-slaves-to-write 1\nappendonly no\n"), says="1 replicas"),
    case("writes-need-replicas", PASS, configs("min-replicas-to-write 0\nappendonly no\n")),
    case("writes-need-replicas", NOT, configs("appendonly no\n")),
    case("stored-life-below-cookie", FAIL, configs("session.gc_maxlifetime = 1440\nsession.cookie_lifetime = 86400\n"), topology(),
         says="1440 s"),
    case("stored-life-below-cookie", FAIL, configs("session.gc_maxlifetime = 1440\n"), topology(idle=3600)),
    case("stored-life-below-cookie", PASS, configs("session.gc_maxlifetime = 86400\nsession.cookie_lifetime = 3600\n"), topology()),
    case("stored-life-below-cookie", NOT, configs("session.gc_maxlifetime = 1440\n"), topology(idle=None)),
    case("session-life-not-extended", FAIL, configs(STORE % ("disableTouch: true", "maxAge: 86400e3")), topology(), says="disableTouch"),
    case("session-life-not-extended", FAIL, configs(STORE % ("", "maxAge: 3600e3")), topology(), says="3600 s"),
    case("session-life-not-extended", PASS, configs((STORE % ("", "maxAge: 3600e3")).replace("resave", "rolling: true, resave")), topology()),
    case("session-life-not-extended", NOT, configs(PHP), topology()),
    case("store-closes-idle-connections", FAIL, configs("[mysqld]\nwait_timeout = 60\n"), says="60 s"),
    case("store-closes-idle-connections", FAIL, configs("shared_buffers = 1GB\nidle_session_timeout = '5min'\n"), says="300 s"),
    case("store-closes-idle-connections", PASS, configs("appendonly no\ntimeout 0\n")),
    case("store-closes-idle-connections", NOT, configs("appendonly no\n")),
    case("session-locks-off", FAIL, configs("redis.session.locking_enabled = 0\nsession.save_handler = redis\n")),
    case("session-locks-off", PASS, configs("redis.session.locking_enabled = 1\nsession.save_handler = redis\n")),
    case("session-locks-off", NOT, configs(PHP)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)
