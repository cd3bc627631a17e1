"""Names of parametrised tests that do not change from run to run: cookies carry times and signatures."""

from __future__ import annotations

_READABLE = 40


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A long text stands for itself by the argument's name; pytest numbers equal names."""
    return argname if isinstance(val, str | bytes) and len(val) > _READABLE else None
