"""The tables of the history.

Newest samples and rollups wait in a ring of slots, so that a commit overwrites one or two pages in place.
When there are enough of them they become one block. `seq` orders the slots; what has gone into blocks is
remembered by `history_sealed`, not by deleting slots.
"""

RING = 2048  # slots of each level
SAMPLES, MINUTES, HOURS = 0, 1, 2
LEVEL_MS = (0, 60_000, 3_600_000)

HISTORY_1: tuple[str, ...] = (
    "CREATE TABLE history_ring (slot INTEGER PRIMARY KEY, seq INTEGER NOT NULL, track TEXT NOT NULL,"
    " body BLOB NOT NULL)",
    "CREATE TABLE history_sealed (level INTEGER NOT NULL, track TEXT NOT NULL, seq INTEGER NOT NULL,"
    " PRIMARY KEY (level, track)) WITHOUT ROWID",
    "CREATE TABLE history_samples (id INTEGER PRIMARY KEY, track TEXT NOT NULL, start_ms INTEGER NOT NULL,"
    " end_ms INTEGER NOT NULL, count INTEGER NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX history_samples_time ON history_samples (track, start_ms, end_ms, count)",
    "CREATE TABLE history_rollups (id INTEGER PRIMARY KEY, level INTEGER NOT NULL, track TEXT NOT NULL,"
    " quantity TEXT NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX history_rollups_time ON history_rollups (level, track, quantity, start_ms, end_ms)",
    "CREATE TABLE history_tracks (track TEXT PRIMARY KEY, keys TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE history_energy (track TEXT NOT NULL, day TEXT NOT NULL,"
    " charged_wh REAL NOT NULL DEFAULT 0, discharged_wh REAL NOT NULL DEFAULT 0,"
    " charged_ah REAL NOT NULL DEFAULT 0, discharged_ah REAL NOT NULL DEFAULT 0,"
    " measured_s REAL NOT NULL DEFAULT 0, nominal_ah REAL, PRIMARY KEY (track, day)) WITHOUT ROWID",
    "CREATE TABLE history_marks (time_ms INTEGER NOT NULL, kind TEXT NOT NULL,"
    " track TEXT NOT NULL DEFAULT '', seconds REAL NOT NULL DEFAULT 0)",
    "CREATE INDEX history_marks_time ON history_marks (time_ms)",
)
