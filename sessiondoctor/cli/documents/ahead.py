"""What a report needs, loaded while the probes wait for answers and files are read: a signal must not wait for it."""

from __future__ import annotations

import importlib
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.cli.documents.output import Destination
    from sessiondoctor.pipeline.order import Order


def load_ahead(order: Order, outputs: Iterable[Destination]) -> None:
    """Begins to load the probes, the cause pages and the renderers of these documents; nobody waits for the end."""
    Thread(target=_load, args=(order, tuple(outputs)), daemon=True).start()


def _load(order: Order, outputs: Iterable[Destination]) -> None:
    from sessiondoctor.report import FORMATS

    with suppress(Exception):  # what fails here fails again where it is needed, and is said there
        if not order.files:
            order.plan()
        for output in outputs:
            importlib.import_module(f"sessiondoctor.report.{FORMATS[output.format]}")
        assert order.catalogue.causes
