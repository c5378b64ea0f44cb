"""The text a TinyBMS may send unasked between its answers, as named values.

Source: TinyBMS user manual, Revision D, 3.14. "CA V3" is a row of numbers, "ASCII" of names and values.
"""

from tui.protocols.tinybms_values import Decoded, quantity, status_name

CYCLE_ANALYST = (
    ("remaining_capacity", "Ah"),
    ("pack_voltage", "V"),
    ("pack_current", "A"),
    ("speed", "km/h"),
    ("total_distance", "km"),
    ("max_temperature", "°C"),
)
CYCLE_ANALYST_NUMBERS = 13  # the rest is always zero
NAMED = {
    "BPV": ("pack_voltage", "V"),
    "MINCV": ("min_cell_voltage", "V"),
    "MAXCV": ("max_cell_voltage", "V"),
    "BPC": ("pack_current", "A"),
    "SOC": ("state_of_charge", "%"),
    "BMST": ("internal_temperature", "°C"),
    "EXT1": ("external_temperature_1", "°C"),
    "EXT2": ("external_temperature_2", "°C"),
    "OS": ("online_status", None),
    "LST": ("load_switch_external", None),
    "LSS": ("load_switch_on", None),
    "CST": ("charger_switch_external", None),
    "CSS": ("charger_switch_on", None),
    "ST": ("single_port_switch_external", None),
    "SS": ("single_port_switch_on", None),
}
WHOLE = {"OS", "LST", "LSS", "CST", "CSS", "ST", "SS"}


def decode_text(data: bytes) -> Decoded:
    """The last whole line that is a broadcast, as values; empty when none is."""
    for line in reversed(data.decode("ascii", "replace").splitlines()):
        decoded = _named(line.split()) or _row(line.split())
        if decoded:
            return decoded
    return {}


def _named(parts: list[str]) -> Decoded:
    """A whole line begins with the pack voltage and ends with a switch."""
    if not (parts and parts[0].startswith("BPV:") and parts[-1].startswith(("CSS:", "SS:"))):
        return {}
    decoded: Decoded = {}
    for name, _, text in (part.partition(":") for part in parts):
        if name == "CB" and len(text) == 16:
            decoded["cells_being_balanced_bits"] = text
        elif name in NAMED:
            key, unit = NAMED[name]
            number = _number(text)
            decoded[key] = quantity(int(number) if number is not None and name in WHOLE else number, unit)
    status = decoded.get("online_status", {}).get("value")
    return decoded | ({} if status is None else {"online_status_name": status_name(status)})


def _row(parts: list[str]) -> Decoded:
    numbers = [_number(part) for part in parts]
    if len(numbers) != CYCLE_ANALYST_NUMBERS or None in numbers:
        return {}
    return {key: quantity(n, unit) for (key, unit), n in zip(CYCLE_ANALYST, numbers, strict=False)}


def _number(text: str) -> float | None:
    """None for what is no finite number: a missing sensor prints dashes."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e9 else None
