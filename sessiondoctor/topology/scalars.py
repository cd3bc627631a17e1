"""Scalars of the topology file that plain types do not express.

Durations and secrets are types of their own. Everything else is text with a rule: to a type checker
`WebUrl` is `str`, to the loader it is a text that `texts.web_url` accepts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar

from sessiondoctor.topology import texts
from sessiondoctor.topology.secret import Secret

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

Item = TypeVar("Item")

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")


class Duration(int):
    """Whole seconds, written `90s`, `30m`, `12h` or `14d`."""

    @classmethod
    def parse(cls, text: object) -> Duration:
        """Reads the written form; a bare number is refused, because its unit would be a guess.

        Raises:
            QuotableError: with what was expected.
        """
        found = _DURATION.fullmatch(text) if isinstance(text, str) else None
        if not found:
            raise texts.QuotableError("expected a duration such as 90s, 30m, 12h or 14d")
        return cls(int(found[1]) * _UNITS[found[2]])

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema  # only the loader needs pydantic

        written = core_schema.str_schema(pattern=f"^{_DURATION.pattern}$")
        return core_schema.no_info_plain_validator_function(cls.parse, json_schema_input_schema=written)

    def __str__(self) -> str:
        unit = next(unit for unit in "dhms" if int(self) % _UNITS[unit] == 0)
        return f"{int(self) // _UNITS[unit]}{unit}"


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """What a scalar must look like: `read` returns the value to keep, or raises ValueError with what was expected.

    `schema` is what JSON Schema can say of it.
    """

    read: Callable[[Any], Any]
    schema: dict[str, object] = field(default_factory=dict)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), **self.schema}


@dataclass(frozen=True, slots=True, eq=False)
class RuleInPlace:
    """A rule that depends on where the topology file is: `read` gets the `Surroundings`, too."""

    read: Callable[[Any, texts.Surroundings], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.with_info_after_validator_function(
            lambda value, info: self.read(value, info.context), handler(source)
        )


AUTO: Final = {"": "auto"}
"""The fields of a form that is read from the page before; no field of a page is called nothing."""


@dataclass(frozen=True, slots=True)
class OrAuto:
    """Fields of a form, or the word `auto`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(
            lambda value: dict(AUTO) if value == "auto" else value, handler(source)
        )

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"const": "auto"}, handler(core)]}


@dataclass(frozen=True, slots=True)
class OrOneName:
    """The names of a header in responses and requests, or its name in both."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(
            lambda value: {"response": value, "request": value} if isinstance(value, str) else value, handler(source)
        )

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler(core)]}


@dataclass(frozen=True, slots=True)
class OrPath:
    """The keys of an endpoint, or its path alone."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(
            lambda value: {"path": value} if isinstance(value, str) else value, handler(source)
        )

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler(core)]}


@dataclass(frozen=True, slots=True)
class Numbered:
    """A choice of words that look like numbers, such as 1.1: editors read them so, our own reader does not."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        words = handler(core)["enum"]
        return {"enum": [*words, *(float(word) for word in words)]}


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that may be written as its only item."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        array = handler(core)
        return {"anyOf": [array["items"], array]}


def _inside(read: Callable[..., str]) -> Callable[..., Secret]:
    """The same rule for the text inside a secret."""
    return lambda secret, *around: Secret(read(secret.reveal(), *around))


OneOrMore = Annotated[tuple[Item, ...], Listed()]

WebUrl = Annotated[str, Rule(texts.web_url, {"pattern": r"^(https?://[^\s/]|\$\{)"})]
StoreUrl = Annotated[
    Secret,
    Rule(_inside(texts.store_url), {"pattern": r"^([a-z+]+:.|\$\{)"}),
    RuleInPlace(_inside(texts.store_path)),
]
ProxyUrl = Annotated[Secret, Rule(_inside(texts.proxy_url), {"pattern": r"^((https?|socks5h?)://.|\$\{)"})]
StatsUrl = Annotated[Secret, Rule(_inside(texts.stats_url), {"pattern": r"^(https?://.|unix:.|\$\{)"})]
RuntimeUrl = Annotated[str, Rule(texts.runtime_url, {"pattern": r"^(unix:.|tcp://.|\$\{)"})]
Command = Annotated[str, Rule(texts.command)]
ManagementUrl = Annotated[Secret, Rule(_inside(texts.management_url), {"pattern": r"^(https?://.|\$\{)"})]
Address = Annotated[str, Rule(texts.address)]
Host = Annotated[str, Rule(texts.host)]
DnsServer = Annotated[str, Rule(texts.dns_server)]
NtpServer = Annotated[str, Rule(texts.ntp_server)]
Regex = Annotated[str, Rule(texts.regex, {"format": "regex", "maxLength": texts.LONGEST_REGEX})]
RequestPath = Annotated[str, Rule(texts.request_path, {"pattern": "^(/|\\$\\{)"})]
StepPath = Annotated[str, Rule(texts.step_path, {"pattern": "^(/|\\$\\{|\\{action\\}$)"})]
FormFields = Annotated[dict[str, str], OrAuto()]
JsonPointer = Annotated[str, Rule(texts.json_pointer, {"pattern": "^/"})]
Method = Annotated[str, Rule(texts.method, {"pattern": "^[A-Za-z]{1,20}$"})]
Status = Annotated[int, Rule(texts.status, {"minimum": 100, "maximum": 599})]
Workers = Annotated[int, Rule(texts.workers, {"minimum": 1, "maximum": 1024})]
HeaderName = Annotated[str, Rule(texts.header_name)]
HeaderValue = Annotated[str, Rule(texts.header_value)]
HttpVersion = Annotated[Literal["1.1", "2"], Numbered()]
CookieName = Annotated[str, Rule(texts.cookie_name)]
Name = Annotated[str, Rule(texts.name, {"minLength": 1})]
Word = Annotated[str, Rule(texts.word)]
Table = Annotated[str, Rule(texts.table)]
File = Annotated[str, RuleInPlace(texts.file)]
Folder = Annotated[str, RuleInPlace(texts.folder)]
Variable = Annotated[str, RuleInPlace(texts.variable)]
