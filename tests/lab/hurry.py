"""A naive user in a hurry, with requests at once and a session that grows. No code of the tool."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx

from tests.lab.proofs import NOTHING, Proof
from tests.lab.shopper import COOKIE_BYTES, _ToLoopback, filled_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lab.cluster import Cluster

AT_ONCE = 8


def updates_are_lost(cluster: Cluster) -> frozenset[str]:
    """Increments one after the other all count; of those made at once some do not."""
    before, after = _hurried(cluster)
    assert after - before < AT_ONCE, "every increment counted: the fault does not show"
    return NOTHING


def updates_all_count(cluster: Cluster) -> frozenset[str]:
    """No increment is lost, at once or not."""
    before, after = _hurried(cluster)
    assert after - before == AT_ONCE, f"{AT_ONCE - after + before} of {AT_ONCE} increments are lost"
    return NOTHING


def survives_growing(*sizes: int) -> Proof:
    """A cart is still there after its session has grown to each of these sizes."""

    def proof(cluster: Cluster) -> frozenset[str]:
        seen = dict(_grown(cluster, sizes))
        assert all(seen.values()), f"the cart is lost: {seen}"
        return NOTHING

    return proof


def is_lost_by_growing(size: int) -> Proof:
    """With a session of this size something is lost: the cart, or what made it grow."""

    def proof(cluster: Cluster) -> frozenset[str]:
        seen = dict(_grown(cluster, (size,)))
        assert not all(seen.values()), f"nothing is lost at {size} bytes"
        return NOTHING

    return proof


def _hurried(cluster: Cluster) -> tuple[int, int]:
    """The counter before and after increments at once, each with the cookies of before."""
    with _browser(cluster) as browser:
        steps = [int(browser.post("/count").json()["count"]) for _ in range(4)]
        assert steps == [1, 2, 3, 4], f"it does not even count one after the other: {steps}"
        kept = dict(browser.cookies)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(lambda _: _browser(cluster, kept).post("/count"), range(AT_ONCE)))
        assert all(answer.is_success for answer in answers), [answer.status_code for answer in answers]
        browser.cookies.update(answers[-1].cookies)
        return steps[-1], int(browser.get("/count").json()["count"])


def _grown(cluster: Cluster, sizes: tuple[int, ...]) -> Iterator[tuple[int, bool]]:
    """For each size, whether the growing worked, was taken by the browser, and left the cart as it was."""
    with _browser(cluster) as browser:
        item = f"naive-{secrets.token_hex(8)}"
        if cluster.members_only:
            browser.post("/signin", data=filled_in(browser.get("/signin").text, item))
        browser.post("/cart", data={"item": item})
        for size in sizes:
            answer = browser.post("/blob", data={"size": str(size)})
            fits = all(len(c.name) + len(c.value or "") <= COOKIE_BYTES for c in answer.cookies.jar)
            page = browser.get("/cart")
            yield size, answer.is_success and fits and page.is_success and item in page.text


def _browser(cluster: Cluster, cookies: dict[str, str] | None = None) -> httpx.Client:
    transport = _ToLoopback(limits=httpx.Limits(max_keepalive_connections=0))
    return httpx.Client(base_url=cluster.site.rstrip("/"), transport=transport, timeout=15, cookies=cookies)
