from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from sessiondoctor.errors import TopologyError
from sessiondoctor.topology.loader import load
from sessiondoctor.topology.schema import topology_schema

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def document(example: Path) -> dict[str, Any]:
    """The example as plain data."""
    data: dict[str, Any] = yaml.safe_load(example.read_text())
    return data


def mistakes(data: object) -> list[str]:
    """What JSON Schema says of a topology."""
    return [error.message for error in Draft202012Validator(topology_schema()).iter_errors(data)]


def changed(data: dict[str, Any], path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """A copy with another value at a path; None takes the key away."""
    new: Any = copy.deepcopy(data)
    place = new
    for part in path[:-1]:
        place = place[part]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return dict(new)


def test_the_schema_is_one() -> None:
    """It is valid draft 2020-12, has an id that no host must serve, and goes through JSON."""
    schema = topology_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == "urn:sessiondoctor:topology:1"
    assert json.loads(json.dumps(schema)) == schema


def test_the_example_is_valid(document: dict[str, Any]) -> None:
    """The documented format in full."""
    assert mistakes(document) == []


MUTATIONS: dict[str, tuple[tuple[str | int, ...], object]] = {
    "unknown key": (("nodes", 0, "stroe"), "sessions"),
    "missing key": (("stores", 0, "kind"), None),
    "missing site": (("site",), None),
    "choice": (("site", "mode"), "stickey"),
    "duration": (("site", "idle_timeout"), "30"),
    "scheme": (("site", "url"), "ftp://shop.test/"),
    "type": (("nodes",), {"app1": {}}),
    "version": (("version",), 2),
    "symptom": (("symptoms",), ["logged-out"]),
    "two extracts": (("site", "flow", "node"), {"header": "A", "cookie": "B"}),
    "no extract": (("site", "flow", "node"), {}),
    "path": (("site", "flow", "read", "path"), "cart"),
    "status": (("site", "flow", "read", "status"), 99),
    "increment without value": (("site", "flow", "increment", "value"), None),
    "headers": (("nodes", 0, "headers"), ["Host: x"]),
}


@pytest.mark.parametrize(("path", "value"), MUTATIONS.values(), ids=MUTATIONS)
def test_the_schema_and_the_loader_refuse_the_same(
    document: dict[str, Any],
    path: tuple[str | int, ...],
    value: object,
    example: Path,
    environ: dict[str, str],
) -> None:
    """A mistake that an editor shows is one that a scan reports."""
    data = changed(document, path, value)
    example.write_text(yaml.safe_dump(data))
    assert mistakes(data)
    with pytest.raises(TopologyError):
        load(example, environ)


FORMS: dict[str, tuple[tuple[str | int, ...], object]] = {
    "one step in a list": (("site", "flow", "read"), [{"path": "/cart"}]),
    "list of store URLs": (("stores", 0, "url"), ["redis://a", "redis://b"]),
    "one address": (("site", "resolve"), {"shop.example.com": "127.0.0.1"}),
    "one symptom": (("symptoms",), "slow"),
    "number as text": (("nodes", 0, "route"), 1),
    "URL from the environment": (("nodes", 0, "url"), "http://${SHOP_USER}/"),
}


@pytest.mark.parametrize(("path", "value"), FORMS.values(), ids=FORMS)
def test_the_schema_and_the_loader_accept_the_same(
    document: dict[str, Any],
    path: tuple[str | int, ...],
    value: object,
    example: Path,
    environ: dict[str, str],
) -> None:
    """The other ways to write a value."""
    data = changed(document, path, value)
    example.write_text(yaml.safe_dump(data))
    assert mistakes(data) == []
    load(example, environ)


def test_every_key_is_described_and_no_other_is_allowed() -> None:
    """Editors show a description for each key, and underline what is no key."""
    schema = topology_schema()
    for section in (schema, *schema["$defs"].values()):
        assert section["additionalProperties"] is False
        assert section["description"]
        assert all(value["description"] for value in section["properties"].values())
    assert "lines" not in schema["properties"]
    assert "from" in schema["$defs"]["CrossSite"]["properties"]
    assert schema["$defs"]["Increment"]["required"] == ["value"]
    assert schema["$defs"]["Step"]["properties"]["method"]["default"] == "GET"
