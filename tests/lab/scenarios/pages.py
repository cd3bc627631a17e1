"""What a proxy does to pages and names: a form for everybody from its cache, and a Host that is not the site's."""

from __future__ import annotations

from tests.lab import proofs
from tests.lab.cluster import MEMBERS, PAYING, Cluster
from tests.lab.scenario import Scenario
from tests.lab.scenarios.doors import TWO, DoorShop
from tests.lab.servers.express import Express
from tests.lab.shopper import Shopper

CACHED_FORM = """
  proxy_cache_path cache keys_zone=pages:1m;
  server { listen 127.0.0.1:$PORT; $PASS
    location / { proxy_pass http://$app1; }
    location = /pay { proxy_pass http://$app1; proxy_cache pages; proxy_cache_valid 200 60s; proxy_cache_methods GET;
      proxy_ignore_headers Cache-Control Expires Set-Cookie; proxy_hide_header Set-Cookie; %s } }
"""
SAYS_SO = "add_header X-Cache $upstream_cache_status;"
NOT_CACHED = """
  proxy_cache_path cache keys_zone=pages:1m;
  server { listen 127.0.0.1:$PORT; $PASS proxy_cache pages; add_header X-Cache $upstream_cache_status;
    location / { proxy_pass http://$app1; } }
"""
CACHED_ACCOUNT = """
  proxy_cache_path cache keys_zone=pages:1m;
  server { listen 127.0.0.1:$PORT; $PASS
    location / { proxy_pass http://$app1; }
    location = /account { proxy_pass http://$app1; proxy_cache pages; proxy_cache_valid 200 10m;
      proxy_ignore_headers Cache-Control Expires Set-Cookie; proxy_hide_header Set-Cookie; %s } }
"""
OTHER_HOST = """
  server { listen 127.0.0.1:$PORT; proxy_http_version 1.1; proxy_set_header Connection "";
    proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header Host app.internal.test;
    location = /__lb { return 204; }
    location / { proxy_pass http://$app1; } }
"""
RIGHT_HOST = """
  server { listen 127.0.0.1:$PORT; $PASS location / { proxy_pass http://$app1; } }
"""
ONE: tuple[Express, ...] = TWO[:1]
OF_ITS_HOST = (Express("app1", secret="{secret}", domain=True),)


def strangers_page_is_cached(cluster: Cluster) -> frozenset[str]:
    """Somebody who is not logged in looks at the page first."""
    with Shopper(cluster) as user:
        assert not user.is_signed_in(), "a stranger is taken for logged in"
        return user.traces()


SCENARIOS = (
    Scenario(
        name="pages-form-page-cached",
        build=DoorShop(CACHED_FORM % SAYS_SO, {"flow": PAYING}, ONE),
        proofs=(proofs.state_survives, proofs.form_is_rejected),
        cause="csrf-state-not-shared",
    ),
    Scenario(
        name="pages-form-page-cached-silently",
        build=DoorShop(CACHED_FORM % "", {"flow": PAYING}, ONE),
        proofs=(proofs.state_survives, proofs.form_is_rejected),
        cause="csrf-state-not-shared",
    ),
    Scenario(
        name="pages-cached-page-hides-login",
        build=DoorShop(CACHED_ACCOUNT % SAYS_SO, {"flow": MEMBERS}, ONE),
        proofs=(strangers_page_is_cached, proofs.login_is_lost),
        cause="cached-page-hides-login",
    ),
    Scenario(
        name="pages-cached-page-hides-login-silently",
        build=DoorShop(CACHED_ACCOUNT % "", {"flow": MEMBERS}, ONE),
        proofs=(strangers_page_is_cached, proofs.login_is_lost),
        cause="cached-page-hides-login",
    ),
    Scenario(
        # The cache obeys the application: no-store.
        name="pages-healthy-cache",
        build=DoorShop(NOT_CACHED, {"flow": PAYING}, ONE),
        proofs=(proofs.state_survives, proofs.form_is_taken),
    ),
    Scenario(
        name="pages-host-header-override",
        build=DoorShop(OTHER_HOST, nodes=OF_ITS_HOST),
        proofs=(proofs.state_is_lost, proofs.no_cookie_is_kept),
        cause="host-header-override",
    ),
    Scenario(
        name="pages-healthy-host",
        build=DoorShop(RIGHT_HOST, nodes=OF_ITS_HOST),
        proofs=(proofs.state_survives,),
    ),
)
