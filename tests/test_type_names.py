"""One word, one meaning: a type's name stands in one module, or here with the reason why it stands in several."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "sessiondoctor"
SHARED = {"api.py", "context.py", "errors.py", "evidence", "model.py", "topology", "wire"}

DECLARED = "what the user declares or a file says, and what is seen of it or stands for it elsewhere"
ONE_EACH = "each kind of store, format or product has its own, never two in one module"
FIELD = "the field's word in either trade"
LOCAL = "known only inside its own room"
FACE = "the same option on the command line and in the library"

SEVERAL = {
    "Address": FIELD,  # where a server is asked, of a memcached server, the type of a key
    "Affinity": DECLARED,
    "Answer": FIELD,  # of HTTP, of DNS; yes or no of a precondition
    "Balancer": DECLARED,
    "Call": LOCAL,
    "Candidate": LOCAL,
    "Command": FIELD,  # of Redis, of a start line, of the drill
    "Census": "the option of two faces, and the evidence",
    "Consent": LOCAL,
    "Cookie": "the option of a command, and the evidence",
    "Declared": LOCAL,
    "Document": ONE_EACH,
    "Held": LOCAL,
    "How": LOCAL,
    "Line": LOCAL,
    "Listed": LOCAL,
    "Look": LOCAL,
    "Mistake": "of the user in a file, and in a configuration",
    "Names": FIELD,  # of DNS, and who looks them up
    "Node": FIELD,  # of the site, of YAML
    "Outcome": LOCAL,
    "Part": LOCAL,
    "Path": FIELD,
    "Place": LOCAL,
    "Pool": FIELD,  # of a balancer: in its configuration, in its log
    "Proxy": DECLARED,
    "Reader": FIELD,  # whoever reads bytes, cookies, stores, environment variables
    "Reading": FIELD,  # of a clock, of a response
    "Request": FIELD,  # sent by us, read in a log
    "Role": "of a check, of a log line, of a cookie: the three axes of the glossary",
    "Route": FIELD,  # of an application, of a connection
    "Rule": DECLARED,
    "Run": LOCAL,
    "Secret": DECLARED,
    "SessionTable": "the evidence, and the layouts by which it is found",
    "Setting": FIELD,  # of an application, and Set-Cookie
    "Site": DECLARED,
    "Socket": FIELD,  # of the system, of a page
    "Source": FIELD,  # of a file, of a clock, of a store's address
    "Stack": DECLARED,
    "State": LOCAL,
    "Status": FIELD,  # of a finding, of HTTP
    "Step": FIELD,  # of a flow, of a stream
    "Target": FIELD,  # of a client, of a URL
    "Topology": "the option of commands, and what it leads to",
    "Tried": LOCAL,
    "Variable": DECLARED,
    "Visits": "the evidence, and the room that fills it in files",
}


def _types(path: Path) -> set[str]:
    """The public types that a module makes: classes and aliases."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):
            found |= {one.id for one in node.targets if isinstance(one, ast.Name) and not one.id.isupper()}
    return {name for name in found if name[0].isupper()}


def test_a_type_name_in_several_modules_has_a_reason() -> None:
    """A word that all rooms speak is no other room's; rename the new one, or say here why both are right."""
    modules = {path: _types(path) for path in PACKAGE.rglob("*.py")}
    counted = Counter(name for names in modules.values() for name in names)
    spoken = {name for path, names in modules.items() if path.relative_to(PACKAGE).parts[0] in SHARED for name in names}
    several = {name for name in spoken if counted[name] > 1}
    assert several - SEVERAL.keys() == set()
    assert SEVERAL.keys() - several == set(), "these stand in one module only"
