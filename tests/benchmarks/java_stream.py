"""Which classes Java sessions hold, beside javaobj-py3 and the JDK: `python -m tests.benchmarks.java_stream`.

Two thousand sessions of a shop (`Sessions.java`), made by the JDK before the clock starts. Ours tells classes and
versions; the others make objects, which is the only way they have to tell them. Needs javac and javaobj-py3.
"""

from __future__ import annotations

import statistics
import struct
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from sessiondoctor.formats.java_stream import classes_of

SESSIONS = 2000
FEW = 100  # for the slow one
ROUNDS = 7
SOURCE = Path(__file__).with_name("Sessions.java")


def main() -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder:
        blobs = made(Path(folder))
        sizes = sorted(map(len, blobs))
        sys.stdout.write(f"{len(blobs)} sessions, {sizes[0]} to {sizes[-1]} octets, median {sizes[len(sizes) // 2]}\n")
        ours, jdk, javaobj = [], [], []
        for _ in range(ROUNDS):
            ours.append(seconds_of_ours(blobs))
            javaobj.append(seconds_of_javaobj(blobs[:FEW]))
            jdk.append(seconds_of_jdk(Path(folder)))
    total, few = sum(sizes), sum(map(len, blobs[:FEW]))
    show("javaobj-py3 0.6.1, loads", few, len(blobs[:FEW]), javaobj)
    show("classes_of", total, len(blobs), ours)
    show("JDK readObject, warm", total, len(blobs), jdk)


def made(folder: Path) -> list[bytes]:
    """Sessions from the JDK."""
    subprocess.run(["javac", "-d", folder, SOURCE], check=True)
    subprocess.run([*java(folder), "make", folder / "sessions", str(SESSIONS)], check=True)
    data, blobs, pos = (folder / "sessions").read_bytes(), [], 0
    while pos < len(data):
        (size,) = struct.unpack_from(">I", data, pos)
        blobs.append(data[pos + 4 : pos + 4 + size])
        pos += 4 + size
    return blobs


def java(folder: Path) -> list[str]:
    """The command that runs the program."""
    return ["java", "-cp", str(folder), "Sessions"]


def seconds_of_ours(blobs: list[bytes]) -> float:
    """One pass; each session must be understood to its end."""
    began = time.perf_counter()
    seen = [classes_of(blob) for blob in blobs]
    took = time.perf_counter() - began
    assert all(one.whole and one.versions["Sessions$Cart"] == 530 for one in seen)
    return took


def seconds_of_javaobj(blobs: list[bytes]) -> float:
    """One pass over a few."""
    javaobj: Any = import_module("javaobj")  # only for this comparison

    began = time.perf_counter()
    for blob in blobs:
        javaobj.loads(blob)
    return time.perf_counter() - began


def seconds_of_jdk(folder: Path) -> float:
    """The fastest of several passes of one JVM: warm."""
    done = subprocess.run([*java(folder), "read", folder / "sessions"], check=True, capture_output=True, text=True)
    return min(map(float, done.stdout.split()))


def show(name: str, octets: int, count: int, seconds: list[float]) -> None:
    """One line."""
    median = statistics.median(seconds)
    sys.stdout.write(f"{octets / median / 1e6:8.2f} MB/s {count / median:10.0f} sessions/s  {name}\n")


if __name__ == "__main__":
    main()
