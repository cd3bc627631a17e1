"""Every option that several commands share, once: what it means, its default, its help.

A command names the options that it takes: `@takes(*SITE, *SHOWN, "verbose")`, and is given a `Job` with them.
"""
# ruff: noqa: RUF009 - the calls make fields of the dataclass

from __future__ import annotations

import functools
import inspect
from dataclasses import Field, dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sessiondoctor.cli import completion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sessiondoctor.catalogue.loader import Catalogue


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


class _Panel(StrEnum):
    """The heading of `--help` under which an option stands."""

    OUTPUT = "Output"
    COUNTS = "What counts"
    SITE = "How to reach the site"
    PACE = "Requests and pace"
    ALLOWED = "What is allowed"


def _given(panel: _Panel, kind: Any, default: Any, *names: str, secret: bool = False, **about: Any) -> Any:
    """A field that is an option: where help lists it, its type, default and names, and typer's words about it."""
    option = typer.Option(*names, rich_help_panel=panel.value, **about)
    return field(default=default, repr=not secret, metadata={"option": Annotated[kind, option]})


def _repeated(panel: _Panel, kind: type, name: str, short: str = "", **about: Any) -> Any:
    """A field that is an option to be given several times; a tuple, empty without it."""
    return _given(panel, list[kind] | None, (), name, *([short] if short else []), **about)  # type: ignore[valid-type]


def _flag(panel: _Panel, *names: str, about: str) -> Any:
    """A field that is an option without a value."""
    return _given(panel, bool, False, *names, help=about)


@dataclass(frozen=True, slots=True)
class Job:
    """One run, as the command line has it."""

    target: str | None = field(
        default=None,
        metadata={
            "option": Annotated[
                str | None,
                typer.Argument(
                    metavar="[TARGET]",
                    help="A URL or a topology file; default: ./sessiondoctor.yaml.",
                    show_default=False,
                ),
            ]
        },
    )
    formats: tuple[str, ...] = _repeated(
        _Panel.OUTPUT, str, "--format", "-f", metavar="FORMAT[=FILE]", autocompletion=completion.formats,
        help="text, json, markdown, html, sarif, junit, github, jira or slack; repeatable; =FILE writes there.",
    )  # fmt: skip
    output: Path | None = _given(
        _Panel.OUTPUT,
        Path | None,
        None,
        "--output",
        "-o",
        metavar="FILE",
        help="Write the report here; format from the suffix.",
    )
    fail_on: FailOn = _given(
        _Panel.COUNTS,
        FailOn,
        FailOn.HIGH,
        "--fail-on",
        metavar="SEVERITY",
        help="Lowest severity that makes the exit code 1: critical, high, medium, low; or never.",
    )
    select: tuple[str, ...] = _repeated(
        _Panel.COUNTS,
        str,
        "--select",
        metavar="ID|FAMILY",
        autocompletion=completion.checks,
        help="Only these checks; repeatable.",
    )
    ignore: tuple[str, ...] = _repeated(
        _Panel.COUNTS,
        str,
        "--ignore",
        metavar="ID|FAMILY",
        autocompletion=completion.checks,
        help="Not these checks; repeatable.",
    )
    baseline: Path | None = _given(
        _Panel.COUNTS, Path | None, None, "--baseline", metavar="FILE",
        help="An earlier JSON report; what it already has does not change the exit code.",
    )  # fmt: skip
    symptoms: tuple[str, ...] = _repeated(
        _Panel.COUNTS, str, "--symptom", metavar="SYMPTOM", autocompletion=completion.symptoms,
        help="What users report, such as logged-out-after-idle; repeatable.",
    )  # fmt: skip
    header: tuple[str, ...] = _repeated(
        _Panel.SITE, str, "--header", "-H", secret=True, metavar="'NAME: VALUE'",
        help="Send this header with every request to the site; repeatable. Never shown.",
    )  # fmt: skip
    user: str | None = _given(
        _Panel.SITE, str | None, None, "--user", "-u", secret=True, metavar="USER:PASSWORD",
        help="Log in with HTTP Basic authentication. Never shown.",
    )  # fmt: skip
    insecure: bool = _flag(_Panel.SITE, "--insecure", "-k", about="Accept every certificate.")
    cacert: Path | None = _given(
        _Panel.SITE,
        Path | None,
        None,
        "--cacert",
        metavar="FILE",
        help="Certificates of the authorities to trust, PEM.",
    )
    cert: Path | None = _given(
        _Panel.SITE,
        Path | None,
        None,
        "--cert",
        metavar="FILE",
        help="Our own certificate, if the site asks for one, PEM.",
    )
    key: Path | None = _given(_Panel.SITE, Path | None, None, "--key", metavar="FILE", help="The key of --cert, PEM.")
    resolve: tuple[str, ...] = _repeated(
        _Panel.SITE, str, "--resolve", metavar="HOST:PORT:ADDRESS",
        help="Connect to this address instead of looking the host up; repeatable.",
    )  # fmt: skip
    proxy: str | None = _given(
        _Panel.SITE, str | None, None, "--proxy", secret=True, metavar="URL",
        help="http://, https:// or socks5:// proxy; default: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, but for NO_PROXY.",
    )  # fmt: skip
    requests: int | None = _given(
        _Panel.PACE,
        int | None,
        None,
        "--requests",
        min=2,
        max=10_000,
        metavar="N",
        help="Requests of returning clients, in all.",
    )
    rate: float | None = _given(
        _Panel.PACE, float | None, None, "--rate", min=0, metavar="N",
        help="Requests per second for each host and port; 0 for no limit. Default: 10, loopback: no limit.",
    )  # fmt: skip
    timeout_s: float = _given(
        _Panel.PACE, float, 10.0, "--timeout", min=0.1, metavar="SECONDS", help="Time limit of one request."
    )
    deadline_s: float = _given(
        _Panel.PACE,
        float,
        90.0,
        "--deadline",
        min=0.5,
        metavar="SECONDS",
        help="Time limit of the whole scan; the report lists what was left out.",
    )
    allow: Allow = _given(
        _Panel.ALLOWED, Allow, Allow.OBSERVE, "--allow", metavar="LEVEL",
        help="observe: read, and run the declared flow. interact: also what takes long or writes much. disrupt: also "
        "what disturbs users.",
    )  # fmt: skip
    census: CensusKind = _given(
        _Panel.ALLOWED, CensusKind, CensusKind.SAMPLE, "--census", metavar="HOW",
        help="Which stored sessions to count: a random sample, or all (full).",
    )  # fmt: skip
    resume: Path | None = _given(
        _Panel.ALLOWED, Path | None, None, "--resume", metavar="FILE",
        help="Read the session in FILE again, which `collect --leave-session` left before a deploy.",
    )  # fmt: skip
    packs: tuple[Path, ...] = _repeated(
        _Panel.COUNTS, Path, "--pack", metavar="DIR", help="A folder of checks and causes of your own; repeatable."
    )
    plan_only: bool = _flag(_Panel.ALLOWED, "--plan", about="Show what would be contacted, how often; contact nothing.")
    rehearse_only: bool = _flag(
        _Panel.ALLOWED, "--rehearse", about="Run the declared flow once, show each of its steps, and nothing else."
    )
    allow_inconclusive: bool = _flag(
        _Panel.COUNTS, "--allow-inconclusive", about="Exit 0 where the answer is that something could not be looked at."
    )
    color: Color = _given(
        _Panel.OUTPUT,
        Color,
        Color.AUTO,
        "--color",
        metavar="WHEN",
        help="Colour the text report: auto, always or never.",
    )
    verbose: bool = _flag(_Panel.OUTPUT, "--verbose", "-v", about="Show every finding and every request.")
    quiet: bool = _flag(_Panel.OUTPUT, "--quiet", "-q", about="No progress on standard error.")
    checks_only: bool = False  # say what came of the selected checks, and nothing of the site
    evidence: str = ""  # only checks that need this type of evidence
    proof: str = ""  # what proves a fix, of a target that is gone when somebody could ask it again


SITE = ("header", "user", "insecure", "cacert", "cert", "key", "resolve", "proxy")
PROBING = (
    *SITE,
    "requests",
    "rate",
    "timeout_s",
    "deadline_s",
    "allow",
    "census",
    "resume",
    "packs",
    "plan_only",
    "quiet",
)
SHOWN = ("formats", "output", "color", "verbose")
JUDGED = ("fail_on", "baseline", "packs", *SHOWN)
CHOSEN = ("select", "ignore", "symptoms", *JUDGED)

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...", help="Files, folders, - for standard input; NAME=FILE says whose it is.", show_default=False
    ),
]
As = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="FORMAT",
        autocompletion=completion.kinds_of_files,
        help="What the files are; else recognised. See `list formats`.",
    ),
]
Topology = Annotated[
    str | None,
    typer.Option("--topology", "-t", metavar="TOPOLOGY", help="What else is known: a topology file or a URL."),
]


def takes(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command, beside its own parameters, a `Job` of these options; its first parameter."""
    shared = tuple(one for one in fields(Job) if one.name in names)  # in their order: each `--help` is the same

    def given(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def run(**words: Any) -> None:
            command(Job(**{one.name: _value(one, words.pop(one.name)) for one in shared}), **words)

        _, *own = inspect.signature(command, eval_str=True).parameters.values()
        parameters = [one.replace(kind=one.KEYWORD_ONLY) for one in own] + [_parameter(each) for each in shared]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # what typer asks
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        return run

    return given


def _parameter(one: Field[Any]) -> inspect.Parameter:
    default = None if one.default == () else one.default
    return inspect.Parameter(
        one.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=one.metadata["option"]
    )


def _value(one: Field[Any], given: Any) -> Any:
    """A list that was not given is empty."""
    return tuple(given or ()) if one.default == () else given


def catalogue_of(packs: Iterable[Path]) -> Catalogue:
    """The built-in catalogue and the user's packs.

    Raises:
        UsageError: a pack is no folder.
    """
    from sessiondoctor.library import catalogue_with

    return catalogue_with(packs)
