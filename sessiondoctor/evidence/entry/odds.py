"""How likely is what clients saw, if the balancer keeps them, and if it does not.

Each client is a list of the nodes that answered it, x0 x1 x2 ... Four models of the balancer compete:

- `none`: each request goes to node j with probability p_j, whoever sends it;
- `cookie`: x0 is chosen by those shares, and the client stays there;
- `source`: whatever comes from one address goes to one node: all our clients share theirs;
- `other-key`: as `cookie`, but x1 is chosen anew. Such a balancer hashes something that the client gets with the first
  response, for instance the session id.

**Shares.** They are unequal, and we estimate them. First requests (of fresh clients, and each x0) are free choices.
With c_j of m of them answered by node j, and n nodes in all, Laplace's rule says p_j = (c_j + 1) / (m + n): each node
is given one answer more than was seen, so that one that has not shown itself yet is unlikely, not impossible. Taking
the first requests one by one and multiplying what the rule said before each gives their own probability,

    P(firsts) = (n - 1)! * c_1! * ... * c_n! / (m + n - 1)!

which depends on the counts and not on the order. `none`, `cookie` and `other-key` share this factor.

**Staying.** A balancer that keeps clients lets one go now and then: a health check fails, a node is redeployed. Call
the probability of that e: it then chooses anew by the shares, which may lead to the same node. A step from x to y has

    P(y after x) = e * p_y            if y is another node
                   e * p_y + (1 - e)  if it is the same

Under `none` it has p_y. A move is thus always less likely under `cookie`, by the factor e, and each stay more likely.
Nobody knows e. It is taken as Beta(1, 199), whose mean is one request in 200, and the likelihood is averaged over it:
Beta(1, b) lies below 1 - (1 - q)^(1/b) with probability q, so that the middles of equal slices of q give rates of
equal weight. Averaging is done once for all clients, as they share one balancer.

**All on one node.** Under `source` every request, first ones too, is answered by one node of n, each of them equally
likely before anything is seen; with probability e by any of the n.

**Posterior.** No model is preferred beforehand: the posterior of each is its likelihood divided by the sum of all
(Bayes' rule with equal priors). With fewer than two nodes all models say the same, and the posterior is flat. Balancers
that take turns are `none`: nobody is kept.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MODELS = ("none", "cookie", "source", "other-key")
DECIDED = 0.999

_SLICES = 24
_LETS_GO_1_IN = 200
_MOST_PROCESSES = 12
_Z95 = 1.959963984540054  # the normal distribution holds 95 % within so many standard deviations


@dataclass(frozen=True, slots=True)
class Sightings:
    """Who answered whom.

    Attributes:
        traces: the nodes of each returning client, in order.
        fresh: the node that answered each client that came once.
        pool: how many nodes are known to exist; those that were seen count anyway.
    """

    traces: tuple[tuple[str, ...], ...] = ()
    fresh: tuple[str, ...] = ()
    pool: int = 0

    @property
    def nodes(self) -> int:
        """How many nodes there are, as far as known."""
        return max(len({*self.fresh, *(node for trace in self.traces for node in trace)}), self.pool)

    @property
    def firsts(self) -> tuple[str, ...]:
        """Who answered first requests."""
        return (*self.fresh, *(trace[0] for trace in self.traces if trace))

    @property
    def everything(self) -> tuple[str, ...]:
        """Who answered any request."""
        return (*self.fresh, *(node for trace in self.traces for node in trace))


@dataclass(frozen=True, slots=True)
class Shares:
    """The estimated share of each node in requests that nothing binds: Laplace's rule on `counts` over `nodes`."""

    counts: Mapping[str, int]
    nodes: int

    def of(self, node: str) -> float:
        """The share of one node, also of one that was not seen."""
        return (self.counts.get(node, 0) + 1) / (sum(self.counts.values()) + self.nodes)

    @property
    def log_chance(self) -> float:
        """Logarithm of the probability of the counted choices."""
        total = math.lgamma(self.nodes) - math.lgamma(sum(self.counts.values()) + self.nodes)
        return total + math.fsum(math.lgamma(count + 1) for count in self.counts.values())


def shares_of(sightings: Sightings) -> Shares:
    """The shares that first requests tell."""
    return Shares(Counter(sightings.firsts), max(sightings.nodes, 1))


def log_likelihoods(sightings: Sightings) -> dict[str, float]:
    """Natural logarithm of the probability of all sightings, by model."""
    shares = shares_of(sightings)
    steps = [step for trace in sightings.traces for step in pairwise(trace)]
    second = [step for trace in sightings.traces for step in pairwise(trace[:2])]
    later = [step for trace in sightings.traces for step in pairwise(trace[1:])]
    return {
        "none": shares.log_chance + _free(shares, steps),
        "cookie": shares.log_chance + _kept(shares, steps),
        "source": _on_one_node(sightings),
        "other-key": shares.log_chance + _free(shares, second) + _kept(shares, later),
    }


def posterior(sightings: Sightings) -> dict[str, float]:
    """The probability of each model, all being equally likely before; they sum to 1."""
    if sightings.nodes < 2:
        return dict.fromkeys(MODELS, 1 / len(MODELS))
    logs = log_likelihoods(sightings)
    total = _log_sum(logs.values())
    return {model: math.exp(log - total) for model, log in logs.items()}


def is_kept(odds: Mapping[str, float]) -> bool | None:
    """Whether clients are kept on a node, by whatever; None while that is not decided."""
    if odds["none"] >= DECIDED:
        return False
    return True if 1 - odds["none"] >= DECIDED else None


def power_of(odds: Mapping[str, float]) -> float:
    """How far the sightings rule out `none`: 1 less its likelihood relative to that of the model that fits best."""
    return 1 - odds["none"] / max(odds.values())


def chance_of_moves(moves: int, steps: int) -> float:
    """The probability of at least so many moves in so many steps, of clients that are kept."""
    if moves <= 0:
        return 1.0
    return math.fsum(_chance_of_exactly(count, steps) for count in range(moves, steps + 1))


def loss_interval(lost: int, looked: int, z: float = _Z95) -> tuple[float, float]:
    """Wilson's score interval of a proportion; (0, 1) if nobody looked.

    All rates are in it that lie within `z` standard deviations of the observed one; 1.96 makes that 95 %.
    Unlike the textbook's p +- z * sqrt(p * (1 - p) / n) it holds for few looks and for rates near 0 and 1.
    Source: E. B. Wilson, JASA 22 (1927), 209-212; R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, method 3.

    Raises:
        ValueError: more were lost than looked at, or a number is negative.
    """
    if not 0 <= lost <= looked:
        raise ValueError(f"{lost} of {looked}")
    if looked == 0:
        return 0.0, 1.0
    rate, square = lost / looked, z * z / looked
    middle = (rate + square / 2) / (1 + square)
    reach = math.sqrt(square * (rate * (1 - rate) + square / 4)) / (1 + square)
    low = middle - reach if lost else 0.0
    high = middle + reach if lost < looked else 1.0
    return low, high


def processes_that_fit(kept: int, looked: int) -> range:
    """How many processes that share nothing would lose sessions so: each knows its own, one request in so many.

    It fits where the share of requests that found the session is within what chance allows (95 %), up to 12 processes;
    none fit where it was always found, or never. That is weak evidence: a store that fails at times may look the same.
    """
    if not 0 < kept < looked:
        return range(0)
    low, high = loss_interval(kept, looked)
    fitting = [count for count in range(2, _MOST_PROCESSES + 1) if low <= 1 / count <= high]
    return range(fitting[0], fitting[-1] + 1) if fitting else range(0)


def _free(shares: Shares, steps: Iterable[tuple[str, str]]) -> float:
    return math.fsum(math.log(shares.of(after)) for _, after in steps)


def _kept(shares: Shares, steps: Iterable[tuple[str, str]]) -> float:
    counted = Counter((after, before == after) for before, after in steps)
    terms = [(shares.of(node), stays, times) for (node, stays), times in counted.items()]
    return _average(
        math.fsum(n * math.log(rate * p + (1 - rate) * stays) for p, stays, n in terms) for rate in _rates()
    )


def _on_one_node(sightings: Sightings) -> float:
    counts, nodes = Counter(sightings.everything), max(sightings.nodes, 1)
    total = sum(counts.values())
    homes = [*counts.values(), *[0] * (nodes - len(counts))]
    return _log_sum(_average(_at_home(home, total, nodes, rate) for rate in _rates()) for home in homes) - math.log(
        nodes
    )


def _at_home(home: int, total: int, nodes: int, rate: float) -> float:
    """Log-likelihood of `home` answers by the one node and the rest by others."""
    return home * math.log(rate / nodes + 1 - rate) + (total - home) * math.log(rate / nodes)


def _rates() -> Iterator[float]:
    """Rates of letting a client go, of equal weight."""
    b = _LETS_GO_1_IN - 1
    return (1 - (1 - (slice_ + 0.5) / _SLICES) ** (1 / b) for slice_ in range(_SLICES))


def _average(logs: Iterable[float]) -> float:
    return _log_sum(logs) - math.log(_SLICES)


def _log_sum(logs: Iterable[float]) -> float:
    """log(sum(exp(x))), without overflow."""
    values = sorted(logs)
    return values[-1] + math.log(math.fsum(math.exp(value - values[-1]) for value in values))


def _chance_of_exactly(moves: int, steps: int) -> float:
    """The beta-binomial distribution for Beta(1, b): C(n, k) * B(k + 1, n - k + b) / B(1, b)."""
    b = _LETS_GO_1_IN - 1
    return b * math.exp(
        math.lgamma(steps + 1)
        - math.lgamma(steps - moves + 1)
        + math.lgamma(steps - moves + b)
        - math.lgamma(steps + 1 + b)
    )
