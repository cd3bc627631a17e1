"""What a scan says of products of others: `python -m tests.lab.products` runs them all and prints a table.

Each product runs on two nodes behind HAProxy: with its defaults and round robin, and with each of its cures. A naive
browser proves what is lost, then the command line is asked, with four amounts of access.
"""

# ruff: noqa: T201 - a command prints
from __future__ import annotations

import argparse
import json
import signal
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from tests.lab.errors import LabError
from tests.lab.products import named, products
from tests.lab.products.product import PRODUCT_ACCESS, VARIANTS, told
from tests.lab.scan import scan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.lab.cluster import Cluster
    from tests.lab.products.product import Product, Running, Variant
    from tests.lab.scan import Scan

LIKELY = 0.5
COLUMNS = (
    "product", "variant", "access", "right", "first cause", "p", "others >= .5", "verdict", "exit", "seconds",
    "looks like", "followed by", "setting first",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What a scan said of a product, or why it could not be asked (`trouble`).

    `setting`: without a cause, the first next step names settings of which one would end the fault.
    """

    product: str
    variant: str
    access: str
    healthy: bool
    right: tuple[str, ...]
    first: str = ""
    probability: float = 0.0
    diagnosed: int = 0
    others: tuple[str, ...] = ()
    verdict: str = ""
    exit_code: int = 0
    seconds: float = 0.0
    trouble: str = ""
    recognised: str = ""
    followed_by: str = ""
    setting: bool = False

    @property
    def is_named(self) -> bool:
        """Whether a right cause comes first, or what the product needs the same everywhere."""
        return self.is_right or self.setting

    @property
    def is_right(self) -> bool:
        """Whether a right cause comes first, or nothing is stated of a healthy product."""
        if self.trouble:
            return False
        if self.healthy:
            return not self.diagnosed and self.verdict != "fault-found"
        return self.diagnosed > 0 and self.first in self.right

    @property
    def cells(self) -> tuple[str, ...]:
        """One row of the table."""
        mark = "yes" if self.is_right else "NO"
        if self.trouble:
            return (self.product, self.variant, self.access, mark, self.trouble, *[""] * 8)
        said = (self.first or "-", f"{self.probability:.2f}" if self.first else "", ", ".join(self.others) or "-")
        numbers = (self.verdict, str(self.exit_code), f"{self.seconds:.0f}", self.recognised, self.followed_by)
        return (self.product, self.variant, self.access, mark, *said, *numbers, "yes" if self.setting else "")


def measured(product: Product, variant: Variant, levels: Sequence[str], keep: Path | None) -> Iterator[Said]:
    """Start it, prove it, ask at each level of access."""
    try:
        with product.running(variant) as running:
            running.prove()
            for access in levels:
                yield asked(product, running, access, keep)
    except (LabError, AssertionError, OSError) as error:
        for access in levels:
            yield replace(_nothing(product, variant, access), trouble=str(error).splitlines()[0])


def asked(product: Product, running: Running, access: str, keep: Path | None) -> Said:
    """What a scan with that access says of it; `keep` is where its report goes."""
    done = scan(_limited(running.cluster, access, product.entrance))
    if keep:
        _keep(keep / f"{product.name}-{running.variant}-{access}", running.cluster, access, done)
    return _said(_nothing(product, running.variant, access), done)


def _nothing(product: Product, variant: Variant, access: str) -> Said:
    return Said(product.name, variant, access, product.is_healthy(variant), tuple(sorted(product.right)))


def _limited(cluster: Cluster, access: str, entrance: str) -> Cluster:
    """The cluster as a scan with that access is told of it."""
    path = cluster.topology.with_name(f"product-{access}.yaml")
    described = yaml.safe_load(cluster.topology.read_text())
    path.write_text(yaml.safe_dump(told(described, access, entrance), sort_keys=False))
    return replace(cluster, topology=path)


def _said(nothing: Said, done: Scan) -> Said:
    report = done.report
    stated = [*report["diagnosis"], *report["differential"]]
    return replace(
        nothing,
        first=stated[0]["cause"] if stated else "",
        probability=stated[0]["probability"] if stated else 0.0,
        diagnosed=len(report["diagnosis"]),
        others=tuple(
            one["cause"] for one in stated[1:] if one["probability"] >= LIKELY and one["cause"] not in nothing.right
        ),
        verdict=report["verdict"],
        exit_code=done.exit_code,
        seconds=report["duration_s"],
        recognised=report.get("site", {}).get("product", ""),
        followed_by=report.get("site", {}).get("followed_by", ""),
        setting=_names_setting(report, frozenset(nothing.right)),
    )


def _names_setting(report: Mapping[str, Any], right: frozenset[str]) -> bool:
    """Whether nothing is stated, and the first next step names settings of which one is the cure of a right cause."""
    page = Catalogue((builtin(),)).products.get(report.get("site", {}).get("product", ""))
    first = next((step["how"] for step in report["next_steps"]), "")
    named = [setting for setting in page.equal if f"`{setting.name}`" in first] if page else []
    return not report["diagnosis"] and any(right & set(setting.causes) for setting in named)


def _keep(folder: Path, cluster: Cluster, access: str, done: Scan) -> None:
    """Keep a report for who wants to know why."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(done.documents["json"])
    (folder / "report.txt").write_text(done.documents["text"])
    topology = cluster.topology.with_name(f"product-{access}.yaml")
    (folder / "topology.yaml").write_text(topology.read_text())


def table(rows: Sequence[Said]) -> str:
    """The figures as Markdown."""
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *(row.cells for row in rows)]
    return "\n".join([*(f"| {' | '.join(line)} |" for line in lines), "", *_figures(rows)])


def _figures(rows: Sequence[Said]) -> Iterator[str]:
    for access in PRODUCT_ACCESS:
        here = [row for row in rows if row.access == access and not row.trouble]
        faulty = [row for row in here if not row.healthy]
        healthy = [row for row in here if row.healthy]
        if here:
            right, accused = sum(row.is_right for row in faulty), sum(not row.is_right for row in healthy)
            others = sum(bool(row.others) for row in faulty)
            named = sum(row.is_named for row in faulty)
            yield (
                f"{access}: right first {right} of {len(faulty)}, or the setting {named}, "
                f"another at .5 or more in {others}; "
                f"healthy or cured {len(healthy)}, accused {accused}."
            )
    yield f"Could not be asked: {sum(bool(row.trouble) for row in rows)}."


def main() -> int:
    """Do what the command line asks for; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.products", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="products; default: all that are not thorough")
    parser.add_argument("--all", action="store_true", help="all products, also the heavy ones")
    parser.add_argument("--list", action="store_true", help="print the names and the right causes")
    parser.add_argument("--variant", action="append", choices=VARIANTS, help="default: all")
    parser.add_argument("--access", action="append", choices=PRODUCT_ACCESS, help="default: all")
    parser.add_argument("--prove", action="store_true", help="only prove what a naive browser sees")
    parser.add_argument("--hold", action="store_true", help="keep one running until Ctrl-C, print its topology file")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep every report there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every row to a file")
    options = parser.parse_args()
    chosen = [
        product
        for product in products()
        if product.name in options.names or (not options.names and (options.all or not product.thorough))
    ]
    if options.list:
        return _list()
    if options.hold:
        return _hold(options.names[0], (options.variant or ["default"])[0])
    levels = () if options.prove else options.access or PRODUCT_ACCESS
    rows = list(_rows(chosen, options.variant or VARIANTS, levels, options.keep))
    print("\n" + table(rows))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return int(not all(row.is_right for row in rows))


def _rows(
    chosen: Sequence[Product], variants: Sequence[Variant], levels: Sequence[str], keep: Path | None
) -> Iterator[Said]:
    for product in chosen:
        for variant in variants:
            if variant != "default" and variant not in product.cured_by:
                continue
            if not levels:
                _prove(product, variant)
            for row in measured(product, variant, levels, keep) if levels else ():
                print(" ".join(row.cells), flush=True)
                yield row


def _prove(product: Product, variant: Variant) -> None:
    try:
        with product.running(variant) as running:
            running.prove()
    except (LabError, AssertionError, OSError) as error:
        print(f"FAILED  {product.name} {variant}: {error}", flush=True)
    else:
        print(f"shown   {product.name} {variant}", flush=True)


def _list() -> int:
    for product in products():
        cures = ", ".join(product.cured_by)
        heavy = "thorough" if product.thorough else ""
        print(f"{product.name:20} {', '.join(sorted(product.right)):60} cured by {cures:16} {heavy}")
    return 0


def _hold(name: str, variant: Variant) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with named(name).running(variant) as running:
        for variable, value in running.cluster.env.items():
            print(f"export {variable}={value}")
        print(f"sessiondoctor scan {running.cluster.topology} --rate 0", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("stopping", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
