"""The page of `COMMAND --help`: options under headings, in plain text, none of them broken in two."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from typer.core import TyperCommand

_NO_BREAK = "\N{NON-BREAKING HYPHEN}"


class Command(TyperCommand):
    """A command whose help groups its options by their panels; typer does so only in boxes drawn by rich."""

    def get_help(self, ctx: Any) -> str:
        """The whole page."""
        return super().get_help(ctx).replace(_NO_BREAK, "-")

    def format_help_text(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's signature
        """What the command is for."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_whole_options(self.help or ""))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, the command's own options, then each panel in the order of its first option."""
        panels: dict[str, list[tuple[str, str]]] = defaultdict(list, {"Arguments": []})
        for one in self.get_params(ctx):
            if record := one.get_help_record(ctx):
                default = "Arguments" if one.param_type_name == "argument" else "Options"
                names, words = record
                panels[getattr(one, "rich_help_panel", None) or default].append((names, _bounds_in_words(words)))
        for title, records in panels.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl([(names, _whole_options(words)) for names, words in records])


def _bounds_in_words(words: str) -> str:
    """`2<=x<=50` as a person writes it."""
    words = re.sub(r"([\d.]+)<=x<=([\d.]+)", r"\1 to \2", words)
    return re.sub(r"x>=([\d.]+)", r"at least \1", words)


def _whole_options(text: str) -> str:
    """Text that is never wrapped inside the name of an option."""
    return re.sub(r"--\w[\w-]*", lambda name: name[0].replace("-", _NO_BREAK), text)
