"""Assignments and calls of Python source, by `ast`; nothing is imported and nothing is run.

A fragment, or a file that does not parse, is read statement by statement.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING

from sessiondoctor.configs.code.expressions import Value
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 400_000  # characters
_MOST_CHUNKS = 3000
_TOP = regex(r"^[A-Za-z_@(\[{\"'*]")
_ELSEWHERE = regex(r"(?:Test|Dev(?:el|Config|$|[A-Z_])|Local|Debug|Mock)")  # classes of settings for other places
_CONTINUED = regex(r"^(?:else|elif|except|finally)\b")
_RANDOM = {
    "urandom", "token_hex", "token_bytes", "token_urlsafe", "get_random_secret_key", "uuid4", "uuid1",
    "generate_key", "get_random_string", "getrandbits", "randbytes", "fernet_key", "random_string", "choices",
}  # fmt: skip
_ENVIRONMENT = {"getenv", "get_env", "get_env_variable", "env", "config", "str", "get", "getstr", "getpass"}
_ENV_OWNERS = {"environ", "env", "config", "os", "decouple", "environs", "settings"}
_FILES = {"read", "read_text", "readline", "read_bytes", "open"}
_KEEPS = {"encode", "strip", "int", "float", "bool", "str", "strtobool"}
_METHODS = {"encode", "strip", "decode"}  # their argument is no part of the value
_CONVERTS = {"hex", "decode", "hexdigest", "join", "b64encode", "bytes", *_KEEPS}
_FACTORS = (ast.Mult, ast.Add, ast.Sub, ast.FloorDiv)
_UNITS = {"days": 86400.0, "hours": 3600.0, "minutes": 60.0, "seconds": 1.0, "weeks": 604800.0}


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name = value`; of `app.config["X"]`, `app.config.update(X=...)` and `class Config: X` the name is `X`.

    `owner` is what it is set on: `app`, `app.config`, or empty for a plain name.
    """

    name: str
    value: ast.expr
    line: int
    owner: str = ""
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class Called:
    """A call: its dotted name, arguments by position (`0`) and by name."""

    name: str
    arguments: dict[str, ast.expr]
    line: int


def statements(text: str) -> list[ast.stmt]:
    """The statements of a text; of one that does not parse, those that do by themselves."""
    text = text[:_MOST].replace("\x00", " ").replace("\t", "    ")
    whole = _parsed(dedent(text), 1)
    if whole is not None:
        return whole
    found: list[ast.stmt] = []
    for first, chunk in _chunks(dedent(text)):
        found += _parsed(chunk, first) or []
    return found


def _parsed(text: str, first: int) -> list[ast.stmt] | None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if first > 1:
        ast.increment_lineno(tree, first - 1)
    return tree.body


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """Pieces that begin at the first column."""
    lines = text.split("\n")
    starts = [index for index, line in enumerate(lines) if _TOP.match(line) and not _CONTINUED.match(line)]
    for index, start in enumerate(starts[:_MOST_CHUNKS]):
        end = starts[index + 1] if index + 1 < len(starts) else len(lines)
        yield start + 1, "\n".join(lines[start:end])


def assignments(body: list[ast.stmt]) -> Iterator[Assignment]:
    """Every assignment, also in classes, functions and branches, in the order of the file."""
    for node, conditional in _walk(body):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _assigned(target, node.value, node.lineno, conditional=conditional)
        elif isinstance(node, ast.AnnAssign) and node.value:
            yield from _assigned(node.target, node.value, node.lineno, conditional=conditional)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield from _updated(node.value)


def _assigned(target: ast.expr, value: ast.expr, line: int, *, conditional: bool) -> Iterator[Assignment]:
    if isinstance(target, ast.Name):
        yield Assignment(target.id, value, line, conditional=conditional)
    elif isinstance(target, ast.Attribute):
        yield Assignment(target.attr, value, line, dotted(target.value), conditional)
    elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        yield Assignment(str(target.slice.value), value, line, dotted(target.value), conditional)


def _updated(call: ast.Call) -> Iterator[Assignment]:
    """`app.config.update(X=...)`, `from_mapping`, and the same with a dictionary."""
    name = dotted(call.func)
    if not name.endswith(("config.update", "config.from_mapping", "conf.update")):
        return
    owner = name.rpartition(".")[0]
    for keyword in call.keywords:
        if keyword.arg:
            yield Assignment(keyword.arg, keyword.value, keyword.value.lineno, owner)
    for argument in call.args:
        for key, value in items(argument):
            yield Assignment(key, value, value.lineno, owner)


def _walk(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, bool]]:
    """Statements in order; whether each is in a branch that may not be taken."""
    waiting = [(node, False) for node in reversed(body)]
    while waiting:
        node, conditional = waiting.pop()
        if isinstance(node, ast.ClassDef) and _ELSEWHERE.match(node.name):
            continue
        yield node, conditional
        inside: list[ast.stmt] = []
        for field in ("body", "handlers", "orelse", "finalbody"):
            for child in getattr(node, field, []) or []:
                inside += child.body if isinstance(child, ast.ExceptHandler) else [child]
        branch = conditional or isinstance(node, (ast.If, ast.Try))
        waiting += [(child, branch) for child in reversed(inside) if isinstance(child, ast.stmt)]


def calls(body: list[ast.stmt]) -> Iterator[Called]:
    """Every call, in the order of the file."""
    found = [node for statement in body for node in ast.walk(statement) if isinstance(node, ast.Call)]
    for node in sorted(found, key=lambda node: (node.lineno, node.col_offset)):
        arguments = {str(index): argument for index, argument in enumerate(node.args)}
        arguments |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        yield Called(dotted(node.func), arguments, node.lineno)


def dotted(node: ast.expr) -> str:
    """`os.environ.get` of the node that says so; empty where it is no name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    elif isinstance(node, ast.Call):
        parts.append(dotted(node.func))
    return ".".join(reversed(parts))


def items(node: ast.expr | None) -> Iterator[tuple[str, ast.expr]]:
    """Keys and values of a dictionary display or of `dict(a=1)`."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value
    elif isinstance(node, ast.Call) and dotted(node.func) == "dict":
        yield from ((keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg)


def value_of(node: ast.expr | None) -> Value:
    """What an expression is: a literal, a variable of the environment, made at start, or unknown."""
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        first, *rest = (value_of(part) for part in node.values)
        return first.otherwise(rest[-1])
    if isinstance(node, ast.IfExp):
        return value_of(node.body).otherwise(value_of(node.orelse))
    if isinstance(node, ast.Attribute) and node.attr in {"hex", "value"}:
        node = node.value
    if isinstance(node, (ast.Subscript, ast.Call)):
        return _subscript(node) if isinstance(node, ast.Subscript) else _called(node)
    number = _number(node) if node else None
    return Value("literal", f"{number:g}") if number is not None else Value()


def _constant(value: object) -> Value:
    if isinstance(value, bytes):
        return Value("literal", value.decode("latin-1"))
    return Value("literal", str(value)) if value is not None else Value("none")


def _subscript(node: ast.Subscript) -> Value:
    owner = dotted(node.value).rpartition(".")[2]
    if owner in {"environ", "env"} and isinstance(node.slice, ast.Constant):
        return Value("environment", variable=str(node.slice.value))
    return Value()


def _called(node: ast.Call) -> Value:
    name = dotted(node.func)
    owner, _, last = name.rpartition(".")
    if last in _RANDOM or last in _FILES:
        return Value("random" if last in _RANDOM else "file")
    if last in _CONVERTS:
        return _converted(node, last)
    if last == "timedelta":
        seconds = _span(node)
        return Value("literal", f"{seconds:g}") if seconds is not None else Value()
    if last in _ENVIRONMENT and (not owner or owner.rpartition(".")[2] in _ENV_OWNERS) and node.args:
        return _variable(node)
    return Value()


def _converted(node: ast.Call, name: str) -> Value:
    """What a conversion is given, by argument or as `value.hex()`."""
    inner = [node.func.value] if isinstance(node.func, ast.Attribute) else []
    found = [value_of(part) for part in (inner if name in _METHODS else (*inner, *node.args))]
    told = next((one for one in found if one.kind in {"random", "environment", "literal", "file"}), Value())
    return told if told.kind != "literal" or name in _KEEPS else Value()


def _variable(node: ast.Call) -> Value:
    name = node.args[0]
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return Value()
    given = node.args[1] if len(node.args) > 1 else None
    for keyword in node.keywords:
        if keyword.arg == "default":
            given = keyword.value
    return Value("environment", variable=name.value).otherwise(value_of(given))


def _span(node: ast.Call) -> float | None:
    names = ("days", "seconds")
    parts = [*zip(names, node.args, strict=False), *((word.arg or "", word.value) for word in node.keywords)]
    numbers = [(_UNITS.get(name), _number(value)) for name, value in parts]
    if not numbers or any(unit is None or number is None for unit, number in numbers):
        return None
    return sum((unit or 0.0) * (number or 0.0) for unit, number in numbers)


def _number(node: ast.expr, depth: int = 0) -> float | None:
    """A number, or a product or a sum of numbers."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and abs(node.value) < 1e15:
        return float(node.value)
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, _FACTORS) or depth > 20:
        return None
    left, right = _number(node.left, depth + 1), _number(node.right, depth + 1)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Mult):
        return left * right
    if isinstance(node.op, ast.FloorDiv):
        return left // right if right else None
    return left + right if isinstance(node.op, ast.Add) else left - right
