"""Readers of stores' own configuration, units and command lines."""

from __future__ import annotations

import pytest

from sessiondoctor.evidence.configs.application import Setting
from tests.configs.build import configs

REDIS = """
    # maxmemory 1gb
    maxmemory 100mb
    maxmemory-policy allkeys-lru
    save ""
    slaveof 10.0.0.1 6379
    rename-command FLUSHALL ""
    requirepass hunter2hunter2
"""


def test_redis_conf() -> None:
    """Newer names of settings, no password, a line for each setting."""
    (server,) = configs(REDIS).store_servers
    assert dict(server.settings) == {
        "maxmemory": "100mb", "maxmemory-policy": "allkeys-lru", "save": "", "replicaof": "10.0.0.1 6379",
        "rename-command FLUSHALL": "",
    }  # fmt: skip
    assert server.place("maxmemory-policy").line == 3
    assert "hunter2" not in repr(server)
    assert not server.whole


def test_a_fragment_of_redis_conf() -> None:
    """One line is enough; several `save` lines are one setting."""
    (server,) = configs("save 900 1\nsave 300 10\n").store_servers
    assert (server.product, server.setting("save")) == ("redis", "900 1; 300 10")


def test_sentinel_conf() -> None:
    """A watched master, without its password."""
    text = "sentinel monitor mymaster 10.0.0.1 6379 2\nsentinel auth-pass mymaster abcdef\n"
    (server,) = configs(text).store_servers
    assert server.product == "redis-sentinel"
    assert server.settings == (("master", "mymaster"), ("monitor", "10.0.0.1 6379 2"))


@pytest.mark.parametrize(
    "text",
    [
        "# memory\n-m 64\n-I 2m\n-c 1024\n-l 127.0.0.1\n",
        'CACHESIZE="64"\nMAXCONN="1024"\nOPTIONS="-I 2m -l 127.0.0.1"\n',
        "memcached -m 64 -I 2m -c 1024 -l 127.0.0.1\n",
    ],
)
def test_memcached(text: str) -> None:
    """Debian's file, Red Hat's, and the command line."""
    (server,) = configs(text).store_servers
    expected = {"m": "64", "I": "2m", "c": "1024", "l": "127.0.0.1"}
    assert dict(server.settings) == expected


def test_databases() -> None:
    """Settings of the server, not of clients; names with a dash or an underscore."""
    (mysql,) = configs("[client]\nport=1\n[mysqld]\nwait-timeout = 60\nmax_allowed_packet=1M\n").store_servers
    assert dict(mysql.settings) == {"wait_timeout": "60", "max_allowed_packet": "1M"}
    (postgres,) = configs("shared_buffers = 128MB\nidle_session_timeout = '10min'  # note\n").store_servers
    assert (postgres.product, postgres.setting("idle_session_timeout")) == ("postgresql", "10min")


def test_systemd_unit() -> None:
    """Workers, environment, and the folders that end with the service."""
    unit = """
        [Service]
        Environment="SECRET_KEY=abcdef" MODE=1
        ExecStart=/usr/bin/gunicorn -w 4 \\
          app:app
        PrivateTmp=true
        RuntimeDirectory=shop
    """
    found = configs(unit)
    (workload,) = found.workloads
    assert (workload.workers, workload.at.line) == (4, 3)
    assert [volume.path for volume in found.volumes] == ["/tmp", "/run/shop"]
    assert [secret.origin for secret in found.secrets] == ["literal"]


@pytest.mark.parametrize(
    ("line", "workers"),
    [
        ("gunicorn -w 4 app:app", 4),
        ("exec gunicorn --workers=3 app:app", 3),
        ("web: bundle exec puma -w 2 -p 3000", 2),
        ("uvicorn app:app --workers 5", 5),
        ("pm2 start app.js -i max", 2),
    ],
)
def test_workers_of_a_command_line(line: str, workers: int) -> None:
    """A Procfile's line, or a shell's."""
    (workload,) = configs(f"{line}\n").workloads
    assert workload.workers == workers


def test_dockerfile() -> None:
    """What the container starts counts, in either form; what the build runs does not."""
    file = """
        FROM php:8
        RUN php artisan key:generate
        ENV SESSION_DRIVER=file
        CMD ["sh", "-c", "php artisan key:generate && exec php-fpm"]
    """
    found = configs(file)
    assert [(secret.origin, secret.at.line) for secret in found.secrets] == [("made-at-start", 4)]
    assert [store.place for store in found.session_stores] == ["files"]


def test_a_secret_made_by_an_entry_script() -> None:
    """Computed at each start of the container."""
    (secret,) = configs("#!/bin/sh\nexport SESSION_SECRET=$(openssl rand -hex 32)\nexec node app.js\n").secrets
    assert (secret.origin, secret.at.line) == ("made-at-start", 2)


def test_commands_of_compose_and_kubernetes() -> None:
    """Workers and a store's settings, wherever the command stands."""
    compose = "services:\n  cache:\n    image: redis\n    command: redis-server --maxmemory 50mb\n"
    compose += "  web:\n    image: a\n    command: [gunicorn, -w, '4', a:a]\n"
    found = configs(compose)
    assert found.store_servers[0].place("maxmemory").line == 4
    assert [workload.workers for workload in found.workloads] == [None, 4]
    pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: a\n    args: [gunicorn, --workers=3, a:a]\n"
    assert [workload.workers for workload in configs(pod).workloads] == [3]


def test_flags_of_oauth2_proxy() -> None:
    """They stand alone in a manifest's list of arguments."""
    text = '--redis-use-cluster=true --redis-cluster-connection-urls="redis://redis.ns.svc.cluster.local:6379"\n'
    found = configs(text)
    assert [store.endpoint for store in found.session_stores] == ["redis.ns.svc.cluster.local:6379"]
    assert [(one.name, one.value) for one in found.settings if isinstance(one, Setting)] == [
        ("--redis-use-cluster", "redis.ns.svc.cluster.local:6379")
    ]
