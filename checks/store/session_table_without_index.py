"""Does the database find a session without reading the whole table?"""

from sessiondoctor.api import Fine, Problem, SessionTables, Severity, Verdicts, check

MANY = 5000  # rows; fewer are read in no time
VERY_MANY = 100_000  # rows; a purge of more without an index locks the table for long


@check(severity=Severity.MEDIUM)
def session_table_without_index(stores: tuple[SessionTables, ...]) -> Verdicts:
    """The table of sessions lacks an index.

    Without one on the session id every request reads the whole table; without one on the expiry every purge does. Small
    tables are passed.
    """
    for store in stores:
        for table in store.tables:
            if not table.indexed_id and table.rows >= MANY:
                text = f"{table.table} has {table.rows:,} rows and no index on the session id"
            elif table.indexed_expiry is False and table.rows >= VERY_MANY:
                text = f"{table.table} has {table.rows:,} rows and no index on the expiry"
            else:
                continue
            yield Problem(text, subject=store.store, where=(store.store,))
            break
        else:
            yield Fine("sessions are found by an index, or are few", subject=store.store)
