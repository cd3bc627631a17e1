"""An access log: `logs` beside DuckDB's bare query, Polars, mawk, goaccess and a small C program, the limit.

`python -m tests.benchmarks.access_log [MEGABYTES] [ROUNDS]`. The others answer one question, how many sessions met more
than one node (goaccess: none of ours); `logs` answers all of its own. Ratios of processor time of the whole process, which
other load on the machine changes less than the clock; then the clock, and the greatest memory of one process.
"""

from __future__ import annotations

import importlib.util
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.rounds import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIMIT = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#define SLOTS (1u << 22)
static struct { uint64_t key; char node, moved; } seen[SLOTS];
int main(int argc, char **argv) {
  int file = open(argv[argc - 1], O_RDONLY); struct stat told; fstat(file, &told);
  const char *at = mmap(0, told.st_size, PROT_READ, MAP_PRIVATE, file, 0), *end = at + told.st_size;
  unsigned sessions = 0, moved = 0;
  while ((at = memmem(at, end - at, "upstream=10.0.0.", 16))) {
    char node = at[16];
    const char *id = memmem(at, end - at, "JSESSIONID=", 11);
    if (!id) break;
    uint64_t key = 14695981039346656037u;
    for (at = id + 11; at < end && *at != ';'; at++) key = (key ^ (unsigned char)*at) * 1099511628211u;
    unsigned slot = key % SLOTS;
    while (seen[slot].key && seen[slot].key != key) slot = (slot + 1) % SLOTS;
    if (!seen[slot].key) { seen[slot].key = key; seen[slot].node = node; sessions++; }
    else if (seen[slot].node != node && !seen[slot].moved) { seen[slot].moved = 1; moved++; }
  }
  printf("%u %u\n", sessions, moved);
}
"""
DUCKDB = r"""
import sys, duckdb
print(*duckdb.execute("SELECT count(*), sum(CAST(nodes > 1 AS INT)) FROM (SELECT s, count(DISTINCT n) AS nodes FROM (SELECT"
    " regexp_extract(line, 'JSESSIONID=([^;]+)', 1) AS s, regexp_extract(line, 'upstream=([^ ]+)', 1) AS n FROM read_csv(?,"
    " columns={'line': 'VARCHAR'}, delim='\x01', quote='', escape='', header=false, auto_detect=false)) GROUP BY s)",
    [sys.argv[1]]).fetchall()[0])
"""
POLARS = r"""
import sys, polars as pl
lines = pl.scan_csv(sys.argv[1], has_header=False, separator="\x01", quote_char=None, new_columns=["line"])
found = lines.select(s=pl.col("line").str.extract("JSESSIONID=([^;]+)"), n=pl.col("line").str.extract("upstream=([^ ]+)"))
nodes = found.group_by("s").agg(pl.col("n").n_unique()).collect(engine="streaming")["n"]
print(len(nodes), (nodes > 1).sum())
"""
MAWK = (
    "{ match($0, /upstream=[^ ]+/); n = substr($0, RSTART, RLENGTH); match($0, /JSESSIONID=[^;]+/); s = substr($0, RSTART,"
    " RLENGTH); if (!(s in a)) { a[s] = n; c++ } else if (a[s] != n && !(s in m)) { m[s] = 1; d++ } } END { print c, d }"
)


def lines(size: int) -> Iterator[bytes]:
    """A log of so many bytes: sessions of some fifteen requests, one in eighty of which moves."""
    chance, told, second, known = random.Random(7), 0, 0.0, list[list[str]]()
    while told < size:
        if len(known) < 2000 or chance.random() < 0.065:
            octets = ".".join(str(chance.randrange(256)) for _ in range(3))
            known.append([f"{chance.getrandbits(128):032X}", f"10.0.0.{chance.randint(1, 8)}:8080", f"10.{octets}"])
            known = known[-4000:]
        one = chance.choice(known)
        if chance.random() < 0.001:
            one[1] = f"10.0.0.{chance.randint(1, 8)}:8080"
        second += 0.02
        when = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(1_704_164_400 + second))
        line = (
            f'{one[2]} - - [{when}] "GET /{chance.choice(("cart", "api/v1", "account"))}?id={chance.randrange(10**6)} HTTP/1.1"'
            f' 200 {chance.randrange(10**5)} "https://shop.example.com/x" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36'
            f' (KHTML, like Gecko) Chrome/120 Safari/537.36" upstream={one[1]} cookie="theme=dark; JSESSIONID={one[0]}; lang=en"\n'
        ).encode()
        told += len(line)
        yield line


@dataclass
class Subject:
    """A command over a file; remembers the clock and the memory of its runs."""

    words: list[str]
    clock: list[float] = field(default_factory=list)
    peak: int = 0
    said: str = ""

    def run(self) -> float:
        """Processor time, in seconds."""
        began = time.monotonic()
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen(self.words, stdout=out, stderr=subprocess.DEVNULL)
            _, _, used = os.wait4(process.pid, 0)
            out.seek(0)
            self.said = out.read(200).decode("utf-8", "replace").strip().partition("\n")[0]
        self.clock.append(time.monotonic() - began)
        self.peak = max(self.peak, used.ru_maxrss // 1024)
        return used.ru_utime + used.ru_stime


def subjects(folder: Path, log: Path) -> dict[str, Subject]:
    """Those that are installed."""
    source, limit = folder / "limit.c", folder / "limit"
    source.write_text(LIMIT)
    subprocess.run(["cc", "-O2", "-o", limit, source], check=True)
    ours = [sys.executable, "-m", "sessiondoctor", "logs", "-q", "-f", f"json={folder / 'report.json'}"]
    found = {
        "C, one thread": [str(limit), str(log)],
        "logs, own reader": [*ours, "--engine", "own", str(log)],
        "logs, DuckDB": [*ours, "--engine", "duckdb", str(log)],
        "DuckDB, bare query": [sys.executable, "-c", DUCKDB, str(log)],
        "logs, own reader, gzip": [*ours, "--engine", "own", f"{log}.gz"],
    }
    if importlib.util.find_spec("polars"):
        found["Polars"] = [sys.executable, "-c", POLARS, str(log)]
    if shutil.which("mawk"):
        found["mawk"] = ["mawk", MAWK, str(log)]
    if shutil.which("goaccess"):
        found["goaccess"] = ["goaccess", str(log), "--log-format=COMBINED", "-o", str(folder / "report.html")]
    return {name: Subject(words) for name, words in found.items()}


def main() -> None:
    """Measures, and prints."""
    size, rounds = (int(word) for word in (sys.argv[1:] + ["1000", "3"][len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "access.log"
        with log.open("wb") as file:
            file.writelines(lines(size * 1_000_000))
        with Path(f"{log}.gz").open("wb") as file:
            subprocess.run(["gzip", "-c", str(log)], stdout=file, check=True)
        found = subjects(folder, log)
        runs: dict[str, Callable[[], float]] = {name: subject.run for name, subject in found.items()}
        compare(runs, rounds=rounds, unit="s")
        for who, subject in found.items():
            best = min(subject.clock)
            sys.stdout.write(f"{best:10.2f} s by the clock, {subject.peak:5} MiB  {who}: {subject.said[:40]}\n")
        sys.stdout.write(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors\n")


if __name__ == "__main__":
    main()
