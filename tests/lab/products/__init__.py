"""Products of others, as their packages install them: the `PRODUCTS` of each module here. There is no list to edit."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from tests.lab.errors import LabError

if TYPE_CHECKING:
    from tests.lab.products.product import Product


def products() -> tuple[Product, ...]:
    """All of them, by name."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    every = (product for module in modules for product in getattr(module, "PRODUCTS", ()))
    return tuple(sorted(every, key=lambda product: product.name))


def named(name: str) -> Product:
    """The product of that name. Raises `LabError`."""
    for product in products():
        if product.name == name:
            return product
    raise LabError(f"no product is called {name!r}: python -m tests.lab.products --list")
