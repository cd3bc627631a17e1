"""The configuration files that the site, load balancers, nodes and stores declare; local files, nobody is contacted."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.configs.files import Configs
from sessiondoctor.probes.contract import Absent, Probe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.context import Context, Options
    from sessiondoctor.topology.model import Balancer, Node, Store, Topology


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One look into all declared files."""
    files = tuple(declared_files(topology))
    if not files:
        hint = "declare load_balancers[].config, nodes[].config, site.config: the files as they are deployed"
        yield Absent(Configs, "site", "no configuration file is declared", hint)
        return
    names = ", ".join(dict.fromkeys(owner for owner, _ in files))
    yield Probe(Configs, "site", f"the configuration files of {names}", {}, partial(read, files))


def declared_files(topology: Topology) -> Iterator[tuple[str, str]]:
    """Owner and path of each file."""
    yield from (("site", file) for file in topology.site.config)
    components: tuple[Balancer | Node | Store, ...] = (*topology.load_balancers, *topology.nodes, *topology.stores)
    for component in components:
        for file in component.config:
            yield component.name, file


async def read(files: Sequence[tuple[str, str]], ctx: Context) -> Configs:
    """The facts of all files; files of unknown content are named in `Configs.files`.

    Raises:
        Unavailable: a file cannot be read.
    """
    from sessiondoctor.configs.files import read_files

    try:
        return read_files([(owner, Path(file)) for owner, file in files], ctx.redactor.fingerprint)
    except OSError as error:
        reason = f"{error.filename} cannot be read: {(error.strerror or 'no reason given').lower()}"
        raise Unavailable(reason, hint="let this user read the declared configuration files") from None
