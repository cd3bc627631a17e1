"""What the laboratory itself can get wrong."""

from __future__ import annotations


class LabError(Exception):
    """The laboratory could not be built: a program is missing, or a server does not start. Never a skip."""
