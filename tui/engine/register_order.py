"""In which order registers are written, so that the device holds a valid set at every moment. Pure."""

from collections.abc import Sequence

from tui.model.register import Image
from tui.protocols.parameters import Below, Table, holds, values_of


def ordered(
    table: Table, image: Image, target: Image, numbers: Sequence[int], wished: Sequence[int] = ()
) -> tuple[int, ...]:
    """The registers in an order of writing: no step breaks a rule that held before it.

    Otherwise those of `wished` come first and in its order, then the others in the order of the table. Where
    the device or the target breaks a rule itself no order can help. Registers that restart the device come
    last.
    """
    places = {number: place for place, number in enumerate(dict.fromkeys((*wished, *table.numbers)))}
    waiting = sorted(numbers, key=lambda n: (n in table.last, places.get(n, len(places)), n))
    now, done = dict(image), []
    while waiting:
        chosen = next((n for n in waiting if _is_safe(table, now, n, target[n], waiting)), waiting[0])
        waiting.remove(chosen)
        now[chosen] = target[chosen]
        done.append(chosen)
    return tuple(done)


def _is_safe(table: Table, image: Image, number: int, data: bytes, waiting: Sequence[int]) -> bool:
    if number in table.last and len(waiting) > 1 and any(n not in table.last for n in waiting):
        return False
    keys = {register.key for register in table.at(number)}
    rules = [rule for rule in table.rules if rule.low in keys or rule.high in keys]
    if not rules:
        return True
    before = values_of(table, image)
    after = values_of(table, image | {number: data})
    return not _newly_broken(rules, before, after)


def _newly_broken(
    rules: list[Below], before: dict[str, int | float | str], after: dict[str, int | float | str]
) -> bool:
    return any(holds(rule, before) and not holds(rule, after) for rule in rules)
