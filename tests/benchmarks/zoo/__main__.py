"""Prints the table: `python -m tests.benchmarks.zoo [TRIES] [WORD...]`; only what has a WORD in its room or name."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

from tests.benchmarks.zoo import pages, sites, stores
from tests.benchmarks.zoo.animal import DEADLINE_S, Animal, Seen, meet

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOMS = (
    sites.http,
    sites.tls,
    stores.redis,
    stores.sql,
    stores.memcached,
    stores.names,
    pages.pages,
    sites.proxies,
    sites.sockets,
)


def _animals() -> Iterator[Animal]:
    for room in _ROOMS:
        yield from room()


def best(animal: Animal, tries: int) -> Seen:
    """The quickest of several; a fault in any of them counts."""
    seen = [meet(animal) for _ in range(tries)]
    faults = [one for one in seen if one.fault]
    return faults[0] if faults else min(seen, key=lambda one: one.late_s)


def main(tries: int, words: list[str]) -> None:
    """A line for whatever is not as it must be, and a table."""
    rooms: dict[str, list[tuple[str, Seen]]] = defaultdict(list)
    for animal in _animals():
        if words and not any(word.lower() in f"{animal.room}: {animal.name}".lower() for word in words):
            continue
        seen = best(animal, tries)
        rooms[animal.room].append((animal.name, seen))
        if seen.fault or seen.late_s > 0.1 or seen.peak_mb > 64:
            told = (
                f"{animal.room}: {animal.name}: {seen.late_s:+.2f} s, {seen.peak_mb:.0f} MB, {seen.code} {seen.fault}"
            )
            sys.stdout.write(f"{told}\n")
            sys.stdout.flush()
    sys.stdout.write(f"\ndeadline {DEADLINE_S} s, best of {tries}, load {os.getloadavg()[0]:.1f}\n")
    for room, all_ in rooms.items():
        late, large = max(all_, key=lambda one: one[1].late_s), max(all_, key=lambda one: one[1].peak_mb)
        faults = sum(bool(seen.fault) for _, seen in all_)
        sys.stdout.write(
            f"{room:18} {len(all_):4}  latest {late[1].late_s:+6.2f} s ({late[0]})  "
            f"largest {large[1].peak_mb:5.1f} MB ({large[0]})  faults {faults}\n"
        )


if __name__ == "__main__":
    number, *rest = sys.argv[1:] or ["1"]
    main(int(number), rest)
