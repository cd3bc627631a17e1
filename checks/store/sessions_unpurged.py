"""Does anything delete sessions that have ended?"""

from sessiondoctor.api import Fine, Problem, SessionTables, Severity, Unknown, Verdicts, check

MANY = 1000  # rows; fewer do no harm
SHARE = 0.5  # of the rows looked at


@check(severity=Severity.MEDIUM, role="hygiene")
def sessions_unpurged(stores: tuple[SessionTables, ...]) -> Verdicts:
    """Expired sessions are never deleted.

    Nothing purges the table, so it grows until every look-up and every backup is slow. Counted are rows that ended
    more than a day ago; where the table only tells the last use, rows that were not used for 30 days.
    """
    for store in stores:
        for table in store.tables:
            share = table.stale / table.looked_at if table.looked_at else 0.0
            if share >= SHARE and share * table.rows >= MANY:
                about = "" if table.exact and table.looked_at == table.rows else "about "
                text = f"{about}{share * table.rows:,.0f} of {table.rows:,} rows in {table.table} ended long ago"
                yield Problem(text, subject=store.store, where=(store.store,))
                break
        else:
            if any(table.looked_at for table in store.tables):
                yield Fine("sessions that have ended are deleted", subject=store.store)
            else:
                yield Unknown("no session is stored", subject=store.store)
