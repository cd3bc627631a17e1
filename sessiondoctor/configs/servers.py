"""Settings of a store's own server, gathered line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.evidence.configs.application import StoreServer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.evidence.location import Location


def server(product: str, found: Iterable[tuple[str, str, Location]], *, whole: bool = False) -> Iterator[StoreServer]:
    """One server with these settings (name, value, place), none without any; the last of a name holds."""
    settings = {name: (value, at) for name, value, at in found}
    if settings:
        yield StoreServer(
            at=next(iter(settings.values()))[1],
            product=product,
            settings=tuple((name, value) for name, (value, _) in settings.items()),
            places=tuple((name, at) for name, (_, at) in settings.items()),
            whole=whole,
        )
