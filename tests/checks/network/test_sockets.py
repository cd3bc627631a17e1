from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.sockets.sockets import SocketEnd, Upgrade
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.drills import AWAY, HOME, drill, held, looked
from tests.checks.evidence.sockets import CLOSED, ends, sockets, tried, upgrades

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

OPEN = Upgrade("site", 101, accepted=True)
REFUSED = Upgrade("site", 404, said="Not Found")

CASES = [
    case("socket-unknown-elsewhere", FAIL, sockets(tried("kl"), tried()), says="1 of 2 connections met a node"),
    case("socket-unknown-elsewhere", FAIL, sockets(tried("l"), kind="signalr"), says="Session ID unknown"),
    case("socket-unknown-elsewhere", PASS, sockets(tried(), tried("l", bare=True)), says="all 1 connections"),
    case("socket-unknown-elsewhere", UNSURE, sockets(CLOSED), says="its path"),
    case("socket-unknown-elsewhere", UNSURE, sockets(tried("e"))),
    case("socket-unknown-elsewhere", UNSURE),
    case("socket-unknown-elsewhere", NOT, sockets(tried("l"), kind="mcp")),
    case("socket-lost-without-cookies", FAIL, sockets(tried(), tried("l", bare=True)), says="1 of 1 connections"),
    case("socket-lost-without-cookies", FAIL, sockets(tried(), tried(bare=True), preflight="lost"), says="OPTIONS"),
    case("socket-lost-without-cookies", PASS, sockets(tried(), tried(bare=True), preflight="known")),
    case("socket-lost-without-cookies", NOT, sockets(tried("l"), tried("l", bare=True)), says="browsers lose"),
    case("socket-lost-without-cookies", UNSURE, sockets(tried())),
    case("upgrade-refused", FAIL, upgrades(REFUSED, Upgrade("app1", 101, accepted=True)), says="app1 itself accepts"),
    case("upgrade-refused", FAIL, upgrades(Upgrade("site", 426, said="Upgrade Required")), says="no upgrade was asked"),
    case("upgrade-refused", FAIL, upgrades(Upgrade("site", 101)), says="without the proof"),
    case("upgrade-refused", FAIL, upgrades(REFUSED, kind="socketio", offers_upgrade=True), says="those who poll"),
    case("upgrade-refused", PASS, upgrades(OPEN, OPEN)),
    case("upgrade-refused", UNSURE, upgrades(REFUSED, Upgrade("app1", 404)), says="not known"),
    case("upgrade-refused", UNSURE, upgrades(Upgrade("site", 0, trouble="refused")), says="no response"),
    case("upgrade-refused", NOT, sockets(tried(), kind="mcp")),
    case("socket-cut-when-idle", FAIL, ends(SocketEnd(61, 60, ended=True, code=1006), SocketEnd(60, 60, ended=True)),
         says="cut after 60 s without data; that is nginx's"),
    case("socket-cut-when-idle", FAIL, ends(SocketEnd(5, 5, ended=True), SocketEnd(5.1, 5.1, ended=True)), says="5.0 s"),
    case("socket-cut-when-idle", PASS, ends(SocketEnd(80, 80, ended=False), SocketEnd(79, 79, ended=False))),
    case("socket-cut-when-idle", UNSURE, ends(SocketEnd(30, 30, ended=True), SocketEnd(70, 70, ended=True))),
    case("socket-cut-when-idle", UNSURE, ends(SocketEnd(30, 30, ended=True), SocketEnd(80, 80, ended=False))),
    case("socket-cut-when-idle", UNSURE, ends(SocketEnd(9, 9, ended=True, code=1001), SocketEnd(9, 9, ended=True, code=1001)),
         says="the application closes"),
    case("socket-cut-when-idle", NOT, upgrades(OPEN), says="--allow interact"),
    case("socket-cut-by-drain", FAIL, drill(looked(HOME, "kkkkk", "drain", sockets=held("kept", "moved"))),
         says="1 of 2 held connections are cut when app1 drains"),
    case("socket-cut-by-drain", FAIL, drill(looked(AWAY, "kkkkk", "maint", sockets=held("cut", "moved"))),
         says="1 clients of app1 cannot connect anew"),
    case("socket-cut-by-drain", PASS, drill(looked(AWAY, "kkkkk", "maint", sockets=held("moved", "moved"))), says="2 moved"),
    case("socket-cut-by-drain", NOT, drill()),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_sockets(one: Case, judge: Judge) -> None:
    """Each check fails, passes and says when it cannot tell."""
    verify(one, judge)
