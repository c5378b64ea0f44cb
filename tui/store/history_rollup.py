"""A minute from its readings, an hour from its minutes."""

from collections.abc import Iterable, Mapping

from tui.store.history_rows import OpenRows, Rolled


def rolled_up(rows: OpenRows[int]) -> dict[str, Rolled]:
    """Lowest, mean, highest and count of each quantity over all rows."""
    found = {}
    for key, column in zip(rows.keys, rows.columns(), strict=True):
        known = [value for value in column if value is not None]
        if known:
            found[key] = (min(known), round(sum(known) / len(known)), max(known), len(known))
    return found


def joined(parts: Iterable[Mapping[str, Rolled]]) -> dict[str, Rolled]:
    """The rollup of several times together; each mean counts as often as it was measured."""
    found: dict[str, list[int]] = {}
    for part in parts:
        for key, (low, mean, high, count) in part.items():
            so_far = found.get(key)
            if so_far is None:
                found[key] = [low, mean * count, high, count]
                continue
            so_far[0] = min(so_far[0], low)
            so_far[1] += mean * count
            so_far[2] = max(so_far[2], high)
            so_far[3] += count
    return {key: (low, round(total / n), high, n) for key, (low, total, high, n) in found.items()}
