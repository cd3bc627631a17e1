"""`sessiondoctor init`: a first topology file from a URL, from files, or from both."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sessiondoctor.cli import options as o

if TYPE_CHECKING:
    from sessiondoctor.drafting.parts import Components
    from sessiondoctor.drafting.visit import Visit
    from sessiondoctor.pipeline.collect import Progress
    from sessiondoctor.pipeline.order import Order
    from sessiondoctor.wire.client import Wire

_FILE = "sessiondoctor.yaml"
_SECONDS = 30.0

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="[URL] [FILE...]", help="The site's URL, and files as with --from.", show_default=False),
]
From = Annotated[
    list[str] | None,
    typer.Option("--from", metavar="FILE", help="Configuration, manifests, folders; NAME=FILE says whose; repeatable."),
]
Output = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help="Write the topology here; - for standard output.")
]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


@o.takes(*o.SITE, "timeout_s", "quiet")
def init(
    job: o.Job, words: Words = None, from_: From = None, output: Output = Path(_FILE), force: Force = False
) -> None:
    """Write a first topology file, with comments: from a URL, from configuration and manifests, or from both.

    The URL is opened, and pages that it links to, as by a browser; nothing is filled in. What is only likely is marked
    as a guess, and what must be filled in with TODO. Passwords of files are not copied: ${NAME} stands for them.

    Exit codes: 0 written; 2 a mistake on the command line, or the file is there already; 4 it could not be written.
    """
    from sessiondoctor.errors import UsageError

    urls = [word for word in words or () if "://" in word]
    files = [*(from_ or ()), *(word for word in words or () if "://" not in word)]
    if len(urls) > 1 or not (urls or files):
        raise UsageError("init: expected one URL, or files, such as `sessiondoctor init https://shop.example.com/`")
    _check_place(output, force=force)
    found = _read(files, output)
    seen = _visit(replace(job, target=urls[0], deadline_s=_SECONDS)) if urls else None
    _write(found, seen, output, quiet=job.quiet)


def _check_place(output: Path, *, force: bool) -> None:
    """Said before anybody is contacted."""
    from sessiondoctor.cli.documents.files import writable
    from sessiondoctor.errors import UsageError

    if str(output) == "-":
        return
    if output.exists() and not force:
        raise UsageError(f"{output} is there already; write another one with -o FILE, or over it with --force")
    writable(output, "topology")


def _read(words: list[str], output: Path) -> Components:
    from sessiondoctor.artefacts.intake import sources
    from sessiondoctor.configs.files import read_files
    from sessiondoctor.drafting.components import of_configs
    from sessiondoctor.drafting.parts import Components

    if not words:
        return Components()
    files = [(source.owner, source.path) for source in sources(words) if source.path]
    folder = Path.cwd() if str(output) == "-" else output.parent
    return of_configs(read_files(files, lambda _secret: ""), lambda name: os.path.relpath(name, folder))


def _visit(job: o.Job) -> Visit:
    import asyncio

    from sessiondoctor.cli.job import probed

    return asyncio.run(probed(job, _visited))


async def _visited(order: Order, wire: Wire, _progress: Progress) -> Visit:
    from sessiondoctor.drafting.visit import visit
    from sessiondoctor.pipeline.order import redactor_of

    seen = await visit(order.topology, wire, redactor_of(order.topology, os.environ))
    known = order.acquaintance
    if known is None:
        return seen
    because = ", ".join(known.because)
    return replace(seen, product=known.product, product_because=because, followed_by=known.followed_by)


def _write(found: Components, visit: Visit | None, output: Path, *, quiet: bool) -> None:
    from sessiondoctor.cli.documents import files
    from sessiondoctor.cli.documents.output import say, show
    from sessiondoctor.drafting.document import written

    text = written(found, visit, os.environ)
    if str(output) == "-":
        show(text)
        return
    files.replace(output, text.encode("utf-8", "backslashreplace"), "topology")
    if not quiet:
        todo = sum("TODO" in line for line in text.splitlines())
        where = "" if str(output) == _FILE else f" {output}"
        say(f"{output}: written; {todo} lines say TODO. `sessiondoctor scan{where} --plan` shows what a scan asks\n")
