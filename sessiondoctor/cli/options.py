"""Options that several commands share, and what they mean."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.catalogue.loader import Catalogue

SCANNING = "Scanning"
JUDGING = "Judging"
OUTPUT = "Output"


class FailOn(StrEnum):
    """The least severity that makes the exit code 1."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NEVER = "never"


class Allow(StrEnum):
    """How much the user consents to."""

    OBSERVE = "observe"
    INTERACT = "interact"
    DISRUPT = "disrupt"


class Color(StrEnum):
    """When to colour the text report."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class CensusKind(StrEnum):
    """Which stored sessions to count."""

    SAMPLE = "sample"
    FULL = "full"


Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format", "-f", metavar="FORMAT[=FILE]",
        help="text, json, markdown, html, sarif, junit or github; repeatable; =FILE writes there.",
    ),
]  # fmt: skip
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the report here; format from the suffix.")
]
FailOnOption = Annotated[FailOn, typer.Option("--fail-on", help="Least severity that makes the exit code 1.")]
Select = Annotated[
    list[str] | None, typer.Option("--select", metavar="ID|FAMILY", help="Only these checks; repeatable.")
]
Ignore = Annotated[
    list[str] | None, typer.Option("--ignore", metavar="ID|FAMILY", help="Not these checks; repeatable.")
]
Baseline = Annotated[
    Path | None,
    typer.Option(
        "--baseline", metavar="REPORT", help="A JSON report: what it has already does not change the exit code."
    ),
]
Requests = Annotated[
    int | None, typer.Option("--requests", min=2, max=10_000, help="Requests of returning clients, in all.")
]
Rate = Annotated[
    float | None,
    typer.Option(
        "--rate", min=0, metavar="N",
        help="Requests per second for each host and port; 0 for no limit. Default: 10, loopback: no limit.",
    ),
]  # fmt: skip
Timeout = Annotated[float, typer.Option("--timeout", min=0.1, metavar="S", help="Seconds for one request.")]
Deadline = Annotated[
    float, typer.Option("--deadline", min=0.5, metavar="S", help="Seconds for the whole scan; what is dropped is said.")
]
CensusOption = Annotated[
    CensusKind, typer.Option("--census", help="Count a random sample of the stored sessions, or all of them.")
]
Symptoms = Annotated[
    list[str] | None,
    typer.Option("--symptom", metavar="S", help="What users report, such as logged-out-after-idle; repeatable."),
]
AllowOption = Annotated[
    Allow,
    typer.Option(
        "--allow",
        help="observe: read, and run the declared flow. interact: also what takes long or writes much. disrupt: also "
        "what disturbs users.",
    ),
]
Packs = Annotated[
    list[Path] | None,
    typer.Option("--pack", metavar="DIR", help="A folder of checks and causes of your own; repeatable."),
]
PlanOnly = Annotated[bool, typer.Option("--plan", help="Show what would be contacted, how often; contact nothing.")]
RehearseOnly = Annotated[
    bool, typer.Option("--rehearse", help="Run the declared flow once, show each of its steps, and nothing else.")
]
AllowInconclusive = Annotated[
    bool, typer.Option("--allow-inconclusive", help="Exit 0 where the answer is that something could not be looked at.")
]
ColorOption = Annotated[Color, typer.Option("--color", help="When to colour the text report.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show every finding and every request.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")]
TargetArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[TARGET]", help="A URL or a topology file; default: ./sessiondoctor.yaml.", show_default=False
    ),
]


Header = Annotated[
    list[str] | None,
    typer.Option(
        "--header", "-H", metavar="'NAME: VALUE'",
        help="Send this header with every request to the site; repeatable. Never shown.",
    ),
]  # fmt: skip
User = Annotated[
    str | None,
    typer.Option(
        "--user", "-u", metavar="USER:PASSWORD",
        help="Log in with HTTP Basic authentication. Never shown.",
    ),
]  # fmt: skip
Insecure = Annotated[bool, typer.Option("--insecure", "-k", help="Accept every certificate.")]
Cacert = Annotated[
    Path | None,
    typer.Option("--cacert", metavar="FILE", help="Certificates of the authorities to trust, PEM."),
]
Cert = Annotated[
    Path | None,
    typer.Option("--cert", metavar="FILE", help="Our own certificate, if the site asks for one, PEM."),
]
Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="The key of --cert, PEM.")]
Resolve = Annotated[
    list[str] | None,
    typer.Option(
        "--resolve", metavar="HOST:PORT:ADDRESS",
        help="Connect to this address instead of looking the host up; repeatable.",
    ),
]  # fmt: skip
ProxyUrl = Annotated[
    str | None,
    typer.Option(
        "--proxy", metavar="URL",
        help="http://, https:// or socks5:// proxy; default: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, but for NO_PROXY.",
    ),
]  # fmt: skip


def catalogue_of(packs: Iterable[Path] | None) -> Catalogue:
    """The built-in catalogue and the user's packs.

    Raises:
        UsageError: a pack is no folder.
    """
    from sessiondoctor.catalogue.loader import Catalogue, builtin
    from sessiondoctor.errors import UsageError

    packs = tuple(packs or ())
    for pack in packs:
        if not pack.is_dir():
            raise UsageError(f"--pack {pack}: expected a folder with checks, as <family>/<check_id>.py")
    return Catalogue((builtin(), *packs))
