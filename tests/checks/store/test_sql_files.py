from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.topology.model import Node
from sessiondoctor.topology.secret import Secret
from tests.checks.build import census, located, place, session_folder, session_tables, topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from sessiondoctor.evidence.stores.located import Located
    from tests.checks.conftest import Judge


def in_files(*folders: str) -> Located:
    """Sessions of app1, app2 and app3 in these folders."""
    places = [place(home=folder, prefix="sess_", ttl_s=-1.0, on_disk=True, timeless=True) for folder in folders]
    return located(app1=places[:1], app2=places[1:2], app3=places[2:])


def folders_told(*folders: str) -> object:
    """Nodes that are told these folders."""
    nodes = [Node(f"app{n}", store_url=Secret(f"file://{folder}")) for n, folder in enumerate(folders)]
    return topology(nodes=tuple(nodes))


CASES = [
    case("sessions-unpurged", FAIL, session_tables(expired=19_000, stale=18_000), says="18,000 of 20,000 rows in django_session"),
    case("sessions-unpurged", FAIL, session_tables(rows=1_000_000, expired=19_000, stale=18_000), says="about 900,000"),
    case("sessions-unpurged", PASS, session_tables(expired=19_000, stale=2_000)),
    case("sessions-unpurged", PASS, session_tables(rows=20, looked_at=20, expired=20, stale=20)),
    case("sessions-unpurged", UNSURE, session_tables(rows=0, looked_at=0, expired=0, stale=0)),
    case("session-table-without-index", FAIL, session_tables(indexed_id=False), says="session id"),
    case("session-table-without-index", FAIL, session_tables(rows=200_000, indexed_expiry=False), says="expiry"),
    case("session-table-without-index", PASS, session_tables()),
    case("session-table-without-index", PASS, session_tables(rows=200, indexed_id=False, indexed_expiry=False)),
    case("session-table-without-index", PASS, session_tables(rows=200_000, indexed_expiry=None)),
    case("session-folder-full", FAIL, session_folder(free_bytes=4096, stale=12), says="4 KiB left; 12 of its 900"),
    case("session-folder-full", FAIL, session_folder(free_inodes=0), says="0 inodes"),
    case("session-folder-full", PASS, session_folder()),
    case("session-folder-full", PASS, session_folder(inodes=0, free_inodes=0)),  # btrfs has no inode count
    case("session-not-in-store", PASS, in_files("/nfs", "/nfs", "/nfs")),
    case("session-not-in-store", FAIL, in_files("/nfs", "/nfs", "/local"), says="app3 alone keeps its sessions in /local"),
    case("session-not-in-store", FAIL, in_files("/a", "/b", "/c"), says="app1 alone"),
    case("sessions-in-different-stores", UNSURE, in_files("/a", "/b", "/c")),
    case("sessions-in-different-stores", PASS, in_files("/nfs", "/nfs", "/local")),
    case("sessions-in-different-stores", FAIL, located(app3=[place(home="10.0.0.9:5432/other/django_session")]), says="other/django_session"),
    case("ttl-below-idle", UNSURE, in_files("/nfs", "/nfs", "/nfs"), topology(), says="does not tell"),
    case("ttl-missing", UNSURE, census(ttl_s=None), says="does not tell"),
    case("ttl-missing", FAIL, census(without_ttl=900, ttl_s=None), says="900 of 1000"),
    case("store-urls-differ", FAIL, folders_told("/nfs", "/nfs", "/local"), says="/local"),
    case("store-urls-differ", PASS, folders_told("/nfs", "/nfs")),
    case("store-urls-differ", NOT, topology()),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_it_fails_where_it_should_and_only_there(case: Case, judge: Judge) -> None:
    """Each check on evidence that decides it, and on evidence that does not."""
    verify(case, judge)
