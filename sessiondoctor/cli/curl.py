"""curl's options for the first minute: they end in the same fields of the topology as the keys of a file."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sessiondoctor.errors import UsageError
from sessiondoctor.topology import texts
from sessiondoctor.topology.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sessiondoctor.cli.options import Job
    from sessiondoctor.topology.model import Topology


def with_options(topology: Topology, job: Job) -> Topology:
    """The topology with what the command line says on top of it.

    Raises:
        UsageError: an option that cannot be read; what may be a secret is not quoted.
    """
    site = topology.site
    cert, key = _file("--cert", job.cert), _file("--key", job.key)
    changed = replace(
        site,
        headers=_merged(site.headers, _headers(job)),
        resolve={**site.resolve, **_addresses(job.resolve)},
        ca=_file("--cacert", job.cacert) or site.ca,
        client_cert=cert or site.client_cert,
        client_key=key or ("" if cert else site.client_key),
        insecure=job.insecure or site.insecure,
        proxy=Secret(_read("--proxy", texts.proxy_url, job.proxy)) if job.proxy else site.proxy,
    )
    if changed.client_key and not changed.client_cert:
        raise UsageError("--key FILE needs --cert FILE: the certificate that it belongs to")
    return replace(topology, site=changed)


def _headers(job: Job) -> Iterable[tuple[str, str]]:
    if job.user:
        if ":" not in job.user:
            raise UsageError("--user: expected user:password")
        yield "Authorization", "Basic " + base64.b64encode(job.user.encode()).decode()
    for line in job.header:
        name, colon, value = line.partition(":")
        if not colon:
            raise UsageError("--header: expected 'Name: value'")
        yield _read("--header", texts.header_name, name.strip()), _read("--header", texts.header_value, value.strip())


def _merged(declared: Mapping[str, str], added: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers of a file, but for those that the command line has; what it has twice is one line."""
    lines: dict[str, tuple[str, str]] = {}
    for name, value in added:
        before = lines.get(name.lower(), (name, ""))[1]
        between = "; " if name.lower() == "cookie" else ", "
        lines[name.lower()] = (name, f"{before}{between}{value}" if before else value)
    return {name: value for name, value in declared.items() if name.lower() not in lines} | dict(lines.values())


def _addresses(written: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Of `host:port:address[,address]`; the port says nothing here: a host has its addresses at every port."""
    found: dict[str, tuple[str, ...]] = {}
    for text in written:
        host, _, rest = text.partition(":")
        port, colon, addresses = rest.partition(":")
        if not (colon and port.isdecimal()):
            raise UsageError("--resolve: expected host:port:address, such as shop.example.com:443:10.0.0.5")
        each = (address.strip("[]") for address in addresses.split(","))
        found[_read("--resolve", texts.host, host)] = tuple(_read("--resolve", texts.address, one) for one in each)
    return found


def _file(option: str, path: Path | None) -> str:
    if path is not None and not path.is_file():
        raise UsageError(f"{option} {path}: expected an existing file")
    return str(path or "")


def _read(option: str, read: Callable[[str], str], text: str) -> str:
    try:
        return read(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
