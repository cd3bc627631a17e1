"""How many visits there are at the public entry, and how many requests at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.probes.browser.accounts import AT_SITE
from sessiondoctor.probes.browser.targets import REDIRECTED

if TYPE_CHECKING:
    from sessiondoctor.context import Options
    from sessiondoctor.probes.browser.recipe import Recipe
    from sessiondoctor.probes.browser.target import Target


# Eight requests of one client miss a balancer that chooses among two nodes at random with a chance of 1 in 128.
_FIRST_CHAIN = 8
# A balancer that loses every second client on its first return is missed by twelve clients with a chance of 1 in 4096.
_OTHERS = 11
SHORTEST_CHAIN = 2
_LONGEST_CHAIN = 4  # of the others: whoever asks for more requests gets more clients, too
_REQUESTS = 32  # 30 of twelve returning clients, 2 of fresh ones
_FEWEST_REQUESTS = 6
_FRESH_BESIDE_LOGINS = 4  # where returning clients are none that came with an empty jar
_FRESH = 2  # new clients between the visits of clients that are otherwise alone
RAW_LOOKS = 3
WITHHOLDING = 2
WITHHOLDING_LOOKS = 4
FROZEN_LOOKS = 7
KEPT_ALIVE_LOOKS = 4
STRANGERS = 2
MOST_REREADS = 4
_SECONDS = 60.0
_FEWEST_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many visits each returning client makes, and how many fresh clients there are."""

    chains: tuple[int, ...]
    fresh: int


def sizes_of(requests: int | None, *, login: bool = False) -> Sizes:
    """Share out the visits: a longer chain alone, shorter ones of like lengths, and fresh clients.

    Where a login is declared there are no more clients than sessions.
    """
    total = max(requests or _REQUESTS, _FEWEST_REQUESTS)
    fresh = _FRESH_BESIDE_LOGINS if login else _FRESH
    first = min(_FIRST_CHAIN, total - fresh)
    left = total - fresh - first
    others = AT_SITE - 1 if login else max(min(_OTHERS, left // SHORTEST_CHAIN), left // _LONGEST_CHAIN)
    return Sizes((first, *(len(range(turn, left, others)) for turn in range(others))), fresh)


def bound_of(recipe: Recipe, sizes: Sizes, target: Target) -> int:
    """The most requests of all visits together."""
    make, look = recipe.write_requests, recipe.read_requests
    chains = sum(make + (length - 1) * look for length in sizes.chains)
    extra = (make + RAW_LOOKS * look) + WITHHOLDING * (make + WITHHOLDING_LOOKS * look)
    extra += make + FROZEN_LOOKS * look
    extra += make + KEPT_ALIVE_LOOKS * look
    again = (min(len(sizes.chains), MOST_REREADS) + STRANGERS) * look
    return 1 + target.redirects + REDIRECTED * (chains + sizes.fresh * max(1, make) + extra + again)


def readings_of(sizes: Sizes) -> int:
    """The most readings of a balancer's counters: before all, after the first client's visits and a new client's."""
    return 1 + sizes.chains[0] + 1


def seconds_of(options: Options) -> float:
    """How long visits may begin: what they have seen until then is worth more than a probe cut short."""
    return max(_FEWEST_SECONDS, min(_SECONDS, options.deadline_s - 3 * options.timeout_s))
