"""What is too old, or too much, leaves: samples first, then minutes; hours stay."""

from tui.model.history import DAY_MS
from tui.store.database import Statement
from tui.store.history_loading import Readable
from tui.store.history_schema import MINUTES

AT_ONCE = 400  # blocks: a wrong clock costs no more than that before somebody sees it
FULL = 0.98  # of the size: from here on something leaves


def size_of(database: Readable) -> int:
    """Bytes in use: free pages inside of the file are used again before it grows. DatabaseError."""
    sql = (
        "SELECT (page_count - freelist_count) * page_size"
        " FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
    )
    return int(str(database.read(sql)[0][0]))


def too_old(keep_days: int, newest_ms: int) -> list[Statement]:
    """Statements that delete samples more than so many days before the newest one.

    The newest sample decides and not the clock of the machine, which may be wrong.
    """
    sql = (
        "DELETE FROM history_samples WHERE id IN"
        " (SELECT id FROM history_samples WHERE end_ms < ? ORDER BY start_ms LIMIT ?)"
    )
    return [(sql, (newest_ms - keep_days * DAY_MS, AT_ONCE))]


def too_much(database: Readable, size_bytes: int) -> list[Statement]:
    """Statements that delete the oldest blocks when the database is nearly as large as it may be."""
    if size_of(database) < size_bytes * FULL:
        return []
    blocks = int(str(database.read("SELECT count(*) FROM history_samples")[0][0]))
    if blocks > AT_ONCE:
        sql = "DELETE FROM history_samples WHERE id IN (SELECT id FROM history_samples ORDER BY id LIMIT ?)"
        return [(sql, (AT_ONCE,))]
    sql = (
        "DELETE FROM history_rollups WHERE id IN"
        " (SELECT id FROM history_rollups WHERE level = ? ORDER BY id LIMIT ?)"
    )
    return [(sql, (MINUTES, AT_ONCE))]
