"""Ids of causes are a promise: reports, baselines and tickets hold them."""

from __future__ import annotations

import pytest

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue

CAUSES = Catalogue((builtin(),)).causes
PROMISED = """
    lb-no-affinity affinity-cookie-not-issued affinity-cookie-scope affinity-expired ip-affinity-behind-proxy
    client-ip-changes affinity-remap-on-scale sticky-node-lost health-check-flapping route-id-mismatch
    sticky-cookie-name-mismatch sticky-directive-unsupported lb-peers-not-shared multi-layer-affinity
    routing-rule-overrides-affinity retry-moves-session no-connection-draining affinity-skew k8s-clientip-snat
    source-ip-not-preserved secure-cookie-behind-tls-offload samesite-none-without-secure
    samesite-blocks-cross-site cookie-domain-mismatch cookie-path-mismatch host-or-scheme-split
    duplicate-cookie-shadowing host-header-override cookie-too-large proxy-header-buffer-overflow
    proxy-rewrites-cookie cdn-caches-set-cookie cdn-drops-cookies cached-page-hides-login cookie-flags-weak
    cookie-lifetime-too-short signing-secret-mismatch secret-regenerated-at-boot dp-keyring-not-shared
    dp-keyring-ephemeral dp-app-name-mismatch dp-keyring-race-or-unreadable machinekey-mismatch jwt-key-mismatch
    key-rotation-no-overlap csrf-state-not-shared node-local-store store-endpoint-divergence key-prefix-mismatch
    ttl-shorter-than-idle ttl-not-refreshed ttl-missing store-eviction redis-oom redis-readonly
    redis-write-blocked replica-stale-read store-data-loss store-connection-exhaustion store-unreachable
    store-latency-timeout memcached-item-too-large memcached-expiry-30d memcached-ring-mismatch
    session-lock-contention lost-update-race keyspace-notifications-off not-distributable
    cluster-membership-broken async-replication-loss no-backup-copy split-brain replication-backlog
    session-id-change-not-propagated mutation-not-saved non-serializable-attribute class-version-mismatch
    serializer-format-mismatch session-too-large clock-skew jwt-skew-or-expiry idle-timeout-too-short
    mixed-version-deploy config-drift-one-node app-destroys-session node-memory-pressure session-id-not-rotated
    microservice-session-split ephemeral-compute-state websocket-no-affinity websocket-timeout-or-upgrade
    dns-multi-site-split ipv4-ipv6-split firewall-midstream-drop server-cookie-duplicate affinity-key-changes
    affinity-cookie-name-collision subrequest-without-affinity header-session-without-affinity cookies-pile-up
    forwarded-scheme-or-port-lost several-servers-behind-one-url stale-copy-after-failback two-session-managers
    session-bound-to-address response-before-session-saved connection-bound-authentication
"""


@pytest.mark.parametrize("cause_id", PROMISED.split())
def test_a_promised_cause_has_a_page(cause_id: str) -> None:
    """Under this very id."""
    assert cause_id in CAUSES
