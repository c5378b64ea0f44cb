"""Energy per day or month as lines of CSV or JSON."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from tui.model.history import Energy

BY = {"days": "day", "months": "month"}  # levels of an export
# Words of a file format, the same in every language, in the manner of row CL-23.
COLUMNS = (
    ("charged_wh", "Charged (Wh)", 1),
    ("discharged_wh", "Discharged (Wh)", 1),
    ("charged_ah", "Charged (Ah)", 3),
    ("discharged_ah", "Discharged (Ah)", 3),
    ("cycles", "Equivalent Cycles", 4),
    ("measured_s", "Measured (s)", 0),
)


def energy_csv(rows: Iterable[Energy], by: str) -> Iterator[str]:
    """A header and a line for each track and `day` or `month`; what is not known is empty."""
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    writer.writerow([by.capitalize(), "Track", *(title for _, title, _ in COLUMNS)])
    for one in rows:
        values = (getattr(one, key) for key, _, _ in COLUMNS)
        cells = ("" if v is None else f"{v:.{c[2]}f}" for v, c in zip(values, COLUMNS, strict=True))
        writer.writerow([one.label, one.track, *cells])
    yield line.getvalue()


def energy_json(rows: Iterable[Energy], by: str) -> Iterator[str]:
    """One JSON array with an object for each track and `day` or `month`; what is not known is `null`."""
    found = []
    for one in rows:
        entry: dict[str, str | float | None] = {by: one.label, "track": one.track}
        for key, _, digits in COLUMNS:
            value = getattr(one, key)
            entry[key] = None if value is None else round(value, digits)
        found.append(json.dumps(entry, ensure_ascii=False))
    yield "[\n" + ",\n".join(found) + "\n]\n" if found else "[]\n"
