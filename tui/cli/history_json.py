"""What `packdeck history` prints: JSON documents, and tables for a person.

`show --json`, keys only ever added, `null` is unknown, units in the names or in `units`:

    {"schema": 1, "resolution": "samples" | "minutes" | "hours", "from_timestamp_ms", "until_timestamp_ms",
     "units": {"pack_v": "V", …},
     "tracks": [{"track", "simulated", "total", "returned", "interval_ms",
        "samples": [{"timestamp_ms", "timestamp_iso", "pack_v", …}]}]}

`total` counts the samples of the range; of minutes and hours it is `null`, and their rows have
`<quantity>_min` and `<quantity>_max` beside the mean. `plot --json`:

    {"schema": 1, "from_timestamp_ms", "until_timestamp_ms", "bucket_s",
     "series": [{"track", "simulated", "quantity", "unit", "gap_s",
        "buckets": [{"start_timestamp_ms", "low", "mean", "high", "count"}]}],
     "marks": [{"timestamp_ms", "kind", "track", "seconds"}]}

`files --json`: {"schema": 1, "files": [{"name", "day", "track", "size_bytes", "modified_timestamp_ms"}]}.
"""

from typing import Any

from tui.cli.history_feed import Asked
from tui.cli.history_rows import SAMPLES, STEP_MS, BucketRow, Extent, newest_buckets, newest_samples
from tui.cli.refusal import tell, words
from tui.cli.when import iso, iso_zone
from tui.locale import say
from tui.model.history import ROWS_MAX, Chart, SampleRow, SampleTable, quantity
from tui.style.numbers import UNKNOWN, fixed

SCHEMA = 1
Json = dict[str, Any]


def table_of(asked: Asked, extent: Extent, keys: tuple[str, ...], level: str, rows: int, offset: int) -> Json:
    """The document of `show --json`."""
    tracks = (
        [] if extent.is_empty else [_of(asked, t, extent, keys, level, rows, offset) for t in extent.tracks]
    )
    return {
        "schema": SCHEMA,
        "resolution": level,
        "from_timestamp_ms": None if extent.is_empty else extent.from_ms,
        "until_timestamp_ms": None if extent.is_empty else extent.until_ms,
        "units": _units(keys),
        "tracks": tracks,
    }


def _units(keys: tuple[str, ...]) -> dict[str, str]:
    return {key: known.unit for key in keys if (known := quantity(key)) is not None}


def _of(
    asked: Asked, track: str, extent: Extent, keys: tuple[str, ...], level: str, rows: int, offset: int
) -> Json:
    total: int | None = None
    samples: list[Json]
    if level == SAMPLES:
        total, found = newest_samples(asked, track, keys, extent, rows or ROWS_MAX, offset)
        samples = [_sample(row, keys) for row in found]
    else:
        buckets = newest_buckets(asked, track, keys, extent, level, rows, offset)
        samples = [_bucket(row, keys) for row in buckets]
    return {
        "track": track,
        "simulated": track in asked.simulated,
        "total": total,
        "returned": len(samples),
        "interval_ms": STEP_MS.get(level),
        "samples": samples,
    }


def _sample(row: SampleRow, keys: tuple[str, ...]) -> Json:
    head = {"timestamp_ms": row.time_ms, "timestamp_iso": iso_zone(row.time_ms)}
    return head | {key: _rounded(key, value) for key, value in zip(keys, row.values, strict=True)}


def _bucket(row: BucketRow, keys: tuple[str, ...]) -> Json:
    one = _sample(row.means, keys)
    for key, bucket in zip(keys, row.buckets, strict=True):
        one[f"{key}_min"] = None if bucket is None else _rounded(key, bucket.low)
        one[f"{key}_max"] = None if bucket is None else _rounded(key, bucket.high)
    return one


def _rounded(key: str, value: float | None) -> float | None:
    """As exact as it is stored, which is a power of ten."""
    known = quantity(key)
    digits = len(str(known.scale)) - 1 if known else 3
    return None if value is None else round(value, digits)


def archive_table(asked: Asked, name: str, keys: tuple[str, ...], rows: int, offset: int) -> Json:
    answer = asked.ask(SampleTable(quantities=keys, offset=offset, rows=rows or ROWS_MAX, archive=name))
    if answer.cause is not None:
        tell(words(answer.cause))
    page = answer.samples
    assert page is not None, "an engine that obeys answers"
    samples = [_sample(row, keys) for row in reversed(page.rows)]
    one = {"track": page.track, "simulated": page.track in asked.simulated, "total": page.total}
    times = [sample["timestamp_ms"] for sample in samples]
    return {
        "schema": SCHEMA,
        "resolution": SAMPLES,
        "archive": name,
        "from_timestamp_ms": min(times, default=None),
        "until_timestamp_ms": max(times) + 1 if times else None,
        "units": _units(keys),
        "tracks": [one | {"returned": len(samples), "interval_ms": None, "samples": samples}],
    }


def table_lines(table: Json, keys: tuple[str, ...]) -> list[str]:
    """A block for each track: title, columns, rows, and how many there are."""
    lines: list[str] = []
    level = table["resolution"]
    for one in table["tracks"]:
        sim = f" {say('word-sim')}" if one["simulated"] else ""
        lines.append(f"{one['track']}{sim}  {say(f'cli-history-level-{level}')}")
        if not one["samples"]:
            lines += [f"  {say('cli-history-nothing')}", ""]
            continue
        lines += _columns(one["samples"], keys)
        if one["total"] is not None and one["returned"] < one["total"]:
            lines.append(say("cli-history-more", rows=str(one["returned"]), total=str(one["total"])))
        lines.append("")
    return lines[:-1] if lines else [say("cli-history-nothing")]


def _columns(samples: list[Json], keys: tuple[str, ...]) -> list[str]:
    heads = [say("cli-history-time"), *keys]
    rows = [[iso(one["timestamp_ms"]), *(_cell(key, one[key]) for key in keys)] for one in samples]
    wide = [max(len(row[n]) for row in (heads, *rows)) for n in range(len(heads))]
    return [
        "  ".join(text.rjust(size) for text, size in zip(row, wide, strict=True)) for row in (heads, *rows)
    ]


def _cell(key: str, value: float | None) -> str:
    known = quantity(key)
    return UNKNOWN if value is None or known is None else fixed(value, known.decimals)


def chart_json(chart: Chart | None, simulated: frozenset[str]) -> Json:
    if chart is None:
        return {
            "schema": SCHEMA,
            "from_timestamp_ms": None,
            "until_timestamp_ms": None,
            "bucket_s": None,
            "series": [],
            "marks": [],
        }
    return {
        "schema": SCHEMA,
        "from_timestamp_ms": chart.from_ms,
        "until_timestamp_ms": chart.until_ms,
        "bucket_s": chart.bucket_s,
        "series": [
            {
                "track": series.track,
                "simulated": series.track in simulated,
                "quantity": series.quantity,
                "unit": known.unit if (known := quantity(series.quantity)) else "",
                "gap_s": series.gap_s,
                "buckets": [
                    {
                        "start_timestamp_ms": bucket.start_ms,
                        "low": bucket.low,
                        "mean": round(bucket.mean, 4),
                        "high": bucket.high,
                        "count": bucket.count,
                    }
                    for bucket in series.buckets
                ],
            }
            for series in chart.series
        ],
        "marks": [
            {
                "timestamp_ms": mark.time_ms,
                "kind": mark.kind,
                "track": mark.track or None,
                "seconds": mark.seconds,
            }
            for mark in chart.marks
        ],
    }
