from __future__ import annotations

import time

import pytest

from sessiondoctor.configs.yaml import DEEPEST, MOST_NODES, documents


def test_values_stay_as_written_and_know_their_lines() -> None:
    """No booleans, no octal numbers; a key's line is its value's line."""
    (root,) = documents("a: on\nb:\n  c: 010\n  d: |\n    first\n    second\n")
    assert root.text("a") == "on"
    assert root.text("b", "c") == "010"
    found = root.get("b", "d")
    assert found
    assert (found.line, found.column, found.start) == (4, 3, 5)


def test_several_documents_and_lists() -> None:
    """Each document has a root."""
    roots = documents("a: 1\n---\nb: [x, y]\n---\n- c\n")
    assert [root.line for root in roots] == [1, 3, 5]
    assert [item.value for item in roots[1].each("b")] == ["x", "y"]


def test_json_with_tabs() -> None:
    """JSON is read as it is printed."""
    (root,) = documents('{\n\t"kind": "List",\n\t"items": [{"a": "b"}]\n}\n')
    assert [item.text("a") for item in root.each("items")] == ["b"]


def test_aliases_and_merge_keys() -> None:
    """What compose files are full of."""
    (root,) = documents("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\nz: *x\n")
    assert (root.text("y", "a"), root.text("y", "b"), root.text("z", "b")) == ("1", "3", "2")


def test_a_template_is_read_around_its_holes() -> None:
    """Helm: lines that only steer it are passed over, and lines keep their numbers."""
    text = '{{- if .Values.on }}\nspec:\n  type: {{ .Values.type }}\n  name: "a-{{ .Name }}"\n{{- end }}\nlast: 1\n'
    (root,) = documents(text)
    assert root.text("spec", "type") == "TEMPLATED"
    found = root.get("last")
    assert found
    assert found.line == 6


def test_what_stands_before_and_after_a_mistake_is_kept() -> None:
    """A cut or damaged file is read as far as it goes."""
    roots = documents("a: 1\nb: [x, y\nc: {\n---\nkind: Service\nspec: {type: NodePort}\n")
    assert any(root.text("a") == "1" for root in roots)
    last = next(root for root in roots if root.text("kind") == "Service")
    found = last.get("spec")
    assert found
    assert found.line == 6


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 50_000,
        "- " * 100_000,
        "a: &a [x]\n" + "\n".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}' if n else '*a'] * 9)}]" for n in range(12)),
        "a: " + "x" * 2_000_000,
        "\x00\x01\x02",
        "? [a]\n: b\n",
        "%YAML 9.9\n---\na: 1\n",
        "a: *missing\n",
        "".join(f"k{n}: v\n" for n in range(MOST_NODES)),
        "a: [1\n" * 5000,
    ],
    ids=["lists", "maps", "dashes", "bomb", "long", "binary", "keys", "version", "alias", "many", "errors"],
)
def test_hostile_text_ends(text: str) -> None:
    """Bounded in depth, number and time, whatever comes."""
    began = time.process_time()
    for root in documents(text):
        assert sum(1 for _ in root.walk()) <= MOST_NODES + DEEPEST
    assert time.process_time() - began < 3
