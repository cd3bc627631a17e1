"""sessiondoctor finds out why users of a clustered web application lose their sessions.

`scan` and `judge` are for programs that call it; they are loaded when they are first used (`sessiondoctor.library`).
"""

TYPE_CHECKING = False  # as in typing, whose import `--version` need not wait for
if TYPE_CHECKING:
    from sessiondoctor.library import judge, scan, scanned

__all__ = ["__version__", "judge", "scan", "scanned"]
__version__ = "0.2.0"


def __getattr__(name: str) -> object:
    """What is loaded when it is first used."""
    if name in {"judge", "scan", "scanned"}:
        from sessiondoctor import library

        return getattr(library, name)
    raise AttributeError(f"module 'sessiondoctor' has no attribute {name!r}")
