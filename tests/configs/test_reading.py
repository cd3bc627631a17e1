from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.configs.files import text_of
from sessiondoctor.configs.reading import LARGEST, read_text
from sessiondoctor.configs.recognition import best, readers
from tests.configs.build import configs, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text

NOISE = [
    "", "\n\n", "hello", "\x00\x01", "{" * 5000, "<a>" * 5000, "=" * 5000, "a b c;\n" * 5000, "\ufeff\ud800",
    "#" * 100_000, "{{ template }}", "\t" * 10_000, "'" * 5001, '"' * 5001, "\\" * 5001, "%" * 999, "[x]\ny=1\n" * 999,
    "upstream a { server", "<VirtualHost *:80>\nProxyPass", "a:\n - b: [", "kind: Service\nspec: &a [*a]",
    "server { location / { proxy_pass http://a; } }" * 500, "backend x\n cookie\n server\n stick on\n",
]  # fmt: skip


@pytest.mark.parametrize("format_", sorted(readers()))
@pytest.mark.parametrize("noise", NOISE, ids=[str(number) for number in range(len(NOISE))])
def test_no_reader_fails_for_what_a_file_contains(format_: str, noise: str) -> None:
    """`--as` may say anything of any file."""
    text = text_of(noise.encode("utf-8", "surrogatepass"), "noise", "noise", fingerprint, format_)
    _, note = read_text(text)
    assert "bug" not in note


@pytest.mark.parametrize("format_", sorted(readers()))
def test_a_reader_has_a_title(format_: str) -> None:
    """For `list formats`."""
    assert readers()[format_].TITLE


@pytest.mark.parametrize("text", ["hello world", "a,b,c\n1,2,3\n", "# A title\n\nSome words: and more.\n", "\x7fELF"])
def test_what_nobody_knows_is_not_recognised(text: str) -> None:
    """Not even by a telling name alone."""
    assert best("notes.txt", text) is None


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("app.js", True), ("src/latest/app.js", True), ("/home/me/test/app.js", True), ("test/.env", True),
        ("test/app.js", False), ("packages/a/tests/session.js", False), (".env.testing", False), ("app.test.js", False),
        ("tests/test_settings.py", False),
    ],
)  # fmt: skip
def test_code_of_tests_is_not_what_is_deployed(name: str, read: bool) -> None:  # noqa: FBT001
    """By the file's name, or its folder in a project."""
    text = "SESSION_SECRET=abcdef\nB=1\n" if ".env" in name else "app.use(session({ resave: false }))\n"
    assert (best(name, text) is not None) is read


def test_a_long_file_is_cut_and_says_so() -> None:
    """Its beginning is read."""
    text = text_of(b"kind: Service\napiVersion: v1\n" + b"#" * LARGEST, "x", "x", fingerprint)
    assert text.note.startswith("larger than")


def test_a_crash_of_one_reader_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other files are read."""

    def crash(_text: Text) -> Iterator[Text]:
        raise ZeroDivisionError

    monkeypatch.setattr(readers()["env"], "read", crash)
    found = configs(a="SESSION_SECRET=abcdef\n", b="sessionAffinity: ClientIP\n")
    assert "bug" in found.files[0].note
    assert found.affinities


def test_a_part_knows_its_line_in_the_file() -> None:
    """A ConfigMap's environment, wherever it stands."""
    manifest = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: x}
        data:
          app.env: |
            A=1
            SESSION_SECRET=abcdef
    """
    (secret,) = configs(manifest).secrets
    assert (secret.at.line, secret.owner, secret.format) == (7, "file1", "env")


def test_a_secret_is_a_fingerprint() -> None:
    """Comparable between owners, and never shown."""
    found = configs(a="SESSION_SECRET=abcdef\n", b="SESSION_SECRET='abcdef'\n", c="SESSION_SECRET=other12\n")
    one, two, three = found.secrets
    assert one.print == two.print != three.print
    assert "abcdef" not in repr(found)


def test_comments_that_switch_checks_off() -> None:
    """With the checks and the reason."""
    found = configs("sessionAffinity: ClientIP  # sessiondoctor: ignore[a-check, b-check] we know\n")
    (comment,) = found.files[0].ignored
    assert (comment.at.line, comment.checks, comment.reason) == (1, ("a-check", "b-check"), "we know")


@pytest.mark.parametrize("name", ["ATests.java", "app.spec.ts", "test_app.py", "spec/a_spec.rb"])
def test_a_test_sets_values_to_try_them(name: str) -> None:
    """What it says is deployed nowhere."""
    code = "app.use(session({secret: 'x', cookie: {maxAge: 1000}, resave: false}))\n"
    assert best(name, code) is None
