"""Are sessions anywhere but in the memory of one process?"""

from sessiondoctor.api import (
    Configs,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    SessionStore,
    Severity,
    Verdicts,
    check,
)

# By their own documentation a store in memory is for development only.
MEANT_FOR_DEVELOPMENT = {"express", "django", "flask", "rails", "laravel"}
NAMES = {"express": "MemoryStore", "django": "LocMemCache", "rails": "memory_store", "laravel": "the array driver"}


@check(severity=Severity.HIGH)
def sessions_kept_by_process(configs: Configs) -> Verdicts:
    """Sessions are kept in the memory of one process.

    A restart ends them, and no other worker, replica or node knows them. Where a servlet container or ASP.NET keeps
    them so by default, that is a fault only with several nodes.
    """
    stores = configs.kept_sessions()
    if not stores:
        raise NotApplicable("no given file says where sessions are kept")
    kept = [one for one in stores if one.place == "memory"]
    if not kept:
        yield Fine("sessions are kept outside the process")
        return
    faulty = [one for one in kept if one.stack in MEANT_FOR_DEVELOPMENT or _several(one, configs)]
    if not faulty:
        raise Inconclusive("sessions are in memory, and whether there are several nodes is not known")
    for store in faulty:
        yield Problem(_text(store, configs), subject=store.owner, where=(store.owner,), at=store.at, detail=store.stack)


def _several(store: SessionStore, configs: Configs) -> bool:
    return configs.has_several_nodes(store) or configs.most_workers(store) > 1


def _text(store: SessionStore, configs: Configs) -> str:
    name = NAMES.get(store.stack, "")
    where = f"the memory of one process ({name})" if name else "the memory of one process"
    if configs.has_several_nodes(store):
        return f"sessions are in {where}, and there are several nodes"
    return f"sessions are in {where}: a restart ends them, and other workers or nodes do not know them"
