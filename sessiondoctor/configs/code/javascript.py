"""Expressions of JavaScript and TypeScript, read and never run."""

from __future__ import annotations

import re

from sessiondoctor.configs.code.brackets import literal, number
from sessiondoctor.configs.code.expressions import Value
from sessiondoctor.patterns import regex

_ENV = regex(r"(?:process\.env|import\.meta\.env|Deno\.env)(?:\.|\[['\"]|\.get\(['\"])(\w{1,80})")
_CONFIG = regex(
    r"\b(?:config|configService|env|settings)\.(?:get|getOrThrow)(?:<[^>]{1,40}>)?\(\s*['\"]([\w.-]{1,80})['\"]"
)
_RANDOM = regex(
    r"\b(?:randomBytes|randomUUID|Math\.random|nanoid|uuidv?[14]?|v4|generateSecret|randomstring\.generate"
    r"|generateKeySync|getRandomValues)\s*\("
)
_FILE = regex(r"\breadFile(?:Sync)?\s*\(")
_CONSTANT = r"(?:^|[^\w.])(?:const|let|var)\s+{name}(?:\s*:\s*[\w<>\[\]]{{1,40}})?\s*=\s*(?P<value>[^;\n]{{1,300}})"
_NOTHING = {"undefined", "null", "''", '""'}


def value_of(expression: str, plain: str = "") -> Value:
    """What an expression gives; a plain name is looked up among the constants of the text."""
    expression = expression.strip().rstrip(",").strip()
    if expression.startswith("["):
        expression = expression.strip("[] \n").split(",")[0].strip()
    expression = re.sub(r"(?:\s+as\s+string|!)$", "", expression)
    text = literal(expression)
    if text is not None:
        return Value("literal", text)
    for mark in ("??", "||"):
        first, found, rest = expression.partition(mark)
        if found and first.strip():
            return value_of(first, plain).otherwise(value_of(rest, plain))
    if expression in _NOTHING:
        return Value("none")
    if expression in {"true", "false"}:
        return Value("literal", expression)
    return _other(expression, plain)


def _other(expression: str, plain: str) -> Value:
    if _RANDOM.search(expression):
        return Value("random")
    if found := _ENV.search(expression) or _CONFIG.search(expression):
        return Value("environment", variable=found[1])
    if _FILE.search(expression):
        return Value("file")
    figure = number(expression)
    if figure is not None:
        return Value("literal", f"{figure:g}")
    return _constant(expression, plain)


def _constant(expression: str, plain: str) -> Value:
    if not plain or not re.fullmatch(r"[A-Za-z_$][\w$]{0,60}", expression):
        return Value()
    found = re.search(_CONSTANT.format(name=re.escape(expression)), plain)
    return value_of(found["value"]) if found else Value()
