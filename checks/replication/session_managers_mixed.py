"""Does one thing alone keep the sessions of a node?"""

from collections.abc import Iterator

from sessiondoctor.api import (
    Configs,
    Fact,
    Fine,
    Manager,
    NotApplicable,
    Problem,
    SessionStore,
    Severity,
    Verdicts,
    check,
)

NO_MANAGERS = {
    "servlet",
    "spring-session",
    "tomcat",
    "infinispan",
    "jgroups",
    "glassfish",
    "weblogic",
    "tomcat-standard",
}


@check(severity=Severity.MEDIUM)
def session_managers_mixed(configs: Configs) -> Verdicts:
    """Two session managers are configured for one application.

    A replicating cluster beside a manager that keeps sessions in a store, or a filter beside a manager: each writes,
    reads and expires on its own, and which of them wins depends on the request. Often one of them was left over.
    """
    found = {one.owner: list(_managers(configs, one.owner)) for one in configs.files}
    named = {file.owner for file in configs.files if file.owner != file.name}
    if not named:
        found = {"": [pair for pairs in found.values() for pair in pairs]}
    kinds = {owner: dict(pairs) for owner, pairs in found.items()}
    if not any(kinds.values()):
        raise NotApplicable("no given file configures a session manager")
    for told in kinds.values():
        if len(told) > 1:
            last = list(told.values())[-1]
            yield Problem(f"sessions have more than one manager: {', '.join(told)}", subject=last.owner,
                          where=(last.owner,), at=last.at, detail=" ".join(sorted(told)))  # fmt: skip
        elif told:
            yield Fine(f"{next(iter(told))} alone keeps sessions")


def _managers(configs: Configs, owner: str) -> Iterator[tuple[str, Fact]]:
    for one in configs.owned(configs.managers, owner):
        if name := _name(one):
            yield name, one
    for store in configs.owned(configs.session_stores, owner):
        if _is_of_spring(store):
            yield f"Spring Session ({store.place})", store


def _name(one: Manager) -> str:
    """What keeps sessions; nothing for a setting, a cache, or an in-memory grid alone."""
    if one.product in NO_MANAGERS or one.setting("role") in {"map", "cache", "client", "server"}:
        return ""
    if one.setting("role") == "cluster":
        return f"Tomcat's cluster ({one.product})" if one.product.startswith("tomcat-") else ""
    return one.product if one.stack != "spring" else ""


def _is_of_spring(store: SessionStore) -> bool:
    return store.stack == "spring" and store.role == "session" and store.place not in {"memory", "files"}
