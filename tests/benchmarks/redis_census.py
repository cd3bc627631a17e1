"""A census of a million sessions beside other ways to look: `python -m tests.benchmarks.redis_census [--keys N]`.

One real Redis on loopback. All take turns within each round, each as a whole process, while a client of its own wants
a PONG 500 times a second. `limit` is what a C client needs to ask PTTL and MEMORY USAGE of all keys whose names it has.
Trust the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import redis

from tests.benchmarks.bystander import Bystander, bystander
from tests.benchmarks.session_keys import filled_redis, packed
from tests.lab.process import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

IDLE_S = 5.0
OLD_S = 3  # idle time of the keys before anybody looks
PROBED = 2000  # keys whose idle time is compared


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of one turn: seconds, what a bystander saw, the share of keys whose idle time was reset.

    Attributes:
        own: processor seconds of the subject; all that a busy machine leaves to compare.
        server: processor seconds of the server, the bystander's share included.
    """

    seconds: float
    own: float
    server: float
    seen: Bystander
    reset: float


@dataclass(frozen=True, slots=True)
class Bench:
    """A filled Redis and what the subjects need: a topology file, the commands of a replay."""

    port: int
    keys: int
    topology: Path
    replay: Path

    def run(self, *command: str, stdin: Path | None = None) -> None:
        """One whole process, whose output nobody reads."""
        with (stdin or Path(os.devnull)).open("rb") as feed:
            done = subprocess.run(command, stdin=feed, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if done.returncode not in {0, 1}:
            raise RuntimeError(f"{command}: {done.stderr.decode()[-500:]}")

    def ours(self, *options: str) -> None:
        """The check that needs nothing but a census."""
        command = (sys.executable, "-m", "sessiondoctor", "check", "sessions-large", "-t", str(self.topology), "-q")
        self.run(*command, "--deadline", "600", *options)

    def cli(self, *options: str, stdin: Path | None = None) -> None:
        """redis-cli."""
        self.run(Program("redis-cli", "redis-cli").path(), "-p", str(self.port), *options, stdin=stdin)

    def loop(self) -> None:
        """What one writes by hand."""
        self.run(sys.executable, "-m", "tests.benchmarks.redis_census", "--loop", str(self.port))


def subjects(bench: Bench) -> dict[str, Callable[[], None]]:
    """All who take turns, by name."""
    return {
        "idle": partial(time.sleep, IDLE_S),
        "ours: sample": bench.ours,
        "ours: --census full --rate 0": partial(bench.ours, "--census", "full", "--rate", "0"),
        "ours: --census full": partial(bench.ours, "--census", "full"),
        "redis-cli --memkeys": partial(bench.cli, "--memkeys"),
        "redis-py pipeline of 1000": bench.loop,
        "limit: replay in C": partial(bench.cli, "--pipe", stdin=bench.replay),
        "redis-cli --bigkeys": partial(bench.cli, "--bigkeys"),
    }


def loop(port: int) -> None:
    """TTL, type and memory of every key through redis-py, a thousand keys at a time."""
    with redis.Redis(port=port) as client:
        batch: list[bytes] = []
        for key in client.scan_iter(count=1000):
            batch.append(key)
            if len(batch) == 1000:
                _ask(client, batch)
                batch = []
        _ask(client, batch)


def _ask(client: redis.Redis, keys: list[bytes]) -> None:
    pipeline = client.pipeline(transaction=False)
    for key in keys:
        pipeline.pttl(key)
        pipeline.type(key)
        pipeline.memory_usage(key)
    pipeline.execute()


def take_turn(bench: Bench, subject: Callable[[], None]) -> Turn:
    """Lets one do its work; looks at the idle times of some keys before and after."""
    keys = _some_keys(bench.port)
    before = idle_times(bench.port, keys)
    began = time.perf_counter()
    with bystander(bench.port) as seen:
        started, own, server = time.perf_counter(), children_s(), server_s(bench.port)
        subject()
        seconds, own, server = time.perf_counter() - started, children_s() - own, server_s(bench.port) - server
    passed = time.perf_counter() - began
    after = idle_times(bench.port, keys)
    pairs = [(old, new) for old, new in zip(before, after, strict=True) if old is not None and new is not None]
    reset = sum(new < old + passed / 2 for old, new in pairs) / len(pairs)
    return Turn(seconds, own, server, seen, reset)


def children_s() -> float:
    """Processor seconds of all processes that have ended; the bystander still runs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def server_s(port: int) -> float:
    """Processor seconds of the server."""
    with redis.Redis(port=port) as client:
        told = client.info("cpu")
    return float(told["used_cpu_user"]) + float(told["used_cpu_sys"])


def _some_keys(port: int) -> list[bytes]:
    with redis.Redis(port=port) as client:
        pipeline = client.pipeline(transaction=False)
        for _ in range(PROBED):
            pipeline.randomkey()
        return sorted(set(pipeline.execute()))


def idle_times(port: int, keys: list[bytes]) -> list[int | None]:
    """OBJECT IDLETIME of these keys, which resets nothing."""
    with redis.Redis(port=port) as client:
        pipeline = client.pipeline(transaction=False)
        for key in keys:
            pipeline.object("IDLETIME", key)
        found: list[int | None] = pipeline.execute(raise_on_error=False)
        return [value if isinstance(value, int) else None for value in found]


def replay_of(port: int) -> Iterator[bytes]:
    """The commands that a C client replays."""
    with redis.Redis(port=port) as client:
        for key in client.scan_iter(count=1000):
            yield packed("PTTL", key) + packed("MEMORY", "USAGE", key)


def table(turns: dict[str, list[Turn]], keys: int) -> str:
    """One line for each subject: medians, and the ratio to --memkeys within each round."""
    columns = f"{'s':>8}{'own cpu':>8}{'server':>8}{'k keys/s':>9}{'memkeys/x':>10}{'x/limit':>8}"
    lines = [f"{'':30}{columns}   PING ms: p50    p99   p99.9    max   reset"]
    for name, taken in turns.items():
        seconds, own, server = (median(getattr(turn, what) for turn in taken) for what in ("seconds", "own", "server"))
        counted = 26.5 if name == "ours: sample" else 0 if name == "idle" else keys / 1000
        faster, slower = _ratio(turns["redis-cli --memkeys"], taken), _ratio(taken, turns["limit: replay in C"])
        seen = Bystander(tuple(wait for turn in taken for wait in turn.seen.waits))
        figures = f"{seconds:8.2f}{own:8.2f}{server:8.2f}{counted / seconds:9.1f}{faster:10.1f}{slower:8.2f}"
        lines.append(f"{name:30}{figures}         {seen}  {median(turn.reset for turn in taken):6.1%}")
    return "\n".join(lines) + "\n"


def _ratio(above: list[Turn], below: list[Turn]) -> float:
    return median(a.seconds / b.seconds for a, b in zip(above, below, strict=True))


def main(keys: int, rounds: int, only: str) -> None:
    """Fill, measure and print."""
    with tempfile.TemporaryDirectory() as folder, filled_redis(keys) as port:
        home = Path(folder)
        bench = Bench(port, keys, home / "sessiondoctor.yaml", home / "replay")
        stores = f'[{{name: sessions, kind: redis, url: "redis://127.0.0.1:{port}/0"}}]'
        bench.topology.write_text(f"version: 1\nsite: {{url: 'http://127.0.0.1:9/'}}\nstores: {stores}\n")
        with bench.replay.open("wb") as file:
            file.writelines(replay_of(port))
        time.sleep(OLD_S)
        order, turns = list(subjects(bench).items()), dict[str, list[Turn]]()
        for _ in range(rounds):
            for name, subject in order:
                if only in name or name in {"idle", "redis-cli --memkeys", "limit: replay in C"}:
                    turns.setdefault(name, []).append(take_turn(bench, subject))
        sys.stdout.write(f"{keys:,} keys, {rounds} rounds, medians\n{table(turns, keys)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="part of a name: only this one, and what it is compared with")
    parser.add_argument("--loop", type=int, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.loop:
        loop(wanted.loop)
    else:
        main(wanted.keys, wanted.rounds, wanted.only)
