"""Run one scenario by hand: `python -m tests.lab NAME --keep`."""

# ruff: noqa: T201 - a command prints
from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import time

from tests.lab.errors import LabError
from tests.lab.scenarios import SCENARIOS, named
from tests.lab.shapes import SHAPES, Shape


def main() -> int:
    """Parse the command line and obey; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="scenarios to start and prove; default: all")
    parser.add_argument("--list", action="store_true", help="print the names and what a scan must say")
    parser.add_argument("--shape", choices=SHAPES, default="plain", help="what the site is like; default: plain")
    parser.add_argument("--keep", action="store_true", help="keep one scenario running until Ctrl-C")
    options = parser.parse_args()
    if options.list:
        return _list()
    if options.keep:
        return _keep(options.names, SHAPES[options.shape])
    return max(
        [_prove(name, SHAPES[options.shape]) for name in options.names or [scenario.name for scenario in SCENARIOS]]
    )


def _list() -> int:
    for scenario in SCENARIOS:
        print(f"{scenario.name:45} {scenario.cause or 'no-fault-found':35} {', '.join(scenario.where)}")
    return 0


def _prove(name: str, shape: Shape) -> int:
    start = time.monotonic()
    try:
        scenario = named(name)
        with scenario.running(shape) as (_, cluster):
            built = time.monotonic() - start
            scenario.prove(cluster)
    except (LabError, AssertionError) as error:
        print(f"FAILED  {name}: {error}")
        return 1
    print(f"shown   {name}  (ready after {built:.1f} s, proven after {time.monotonic() - start:.1f} s)")
    return 0


def _keep(names: list[str], shape: Shape) -> int:
    # SIGTERM, too, must stop the servers.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    (name,) = names
    scenario = named(name)
    with scenario.running(shape) as (_, cluster):
        for variable, value in cluster.env.items():
            print(f"export {variable}={value}")
        print(shlex.join(("sessiondoctor", "scan", str(cluster.topology), "--rate", "0", *scenario.words)), flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("stopping", file=sys.stderr)
    return os.EX_OK


if __name__ == "__main__":
    raise SystemExit(main())
