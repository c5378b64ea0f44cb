"""The sixteen colours of a Linux console. Never sent to anything else: other terminals wait for an end."""

# Slots 0 to 7 are made to be backgrounds, because a Linux console has only eight; 8 to 15 are inks.
SLOTS = (
    "0B0F14", "B4372A", "1F6F54", "8A5A00", "1F4E79", "26313D", "1E6573", "C8D0D8",
    "8592A0", "FF7A59", "5CC9A7", "F0B429", "6CB6FF", "D9A0D9", "7FD7E8", "FFFFFF",
)  # fmt: skip
RESET = "\x1b]R"
HOME_AND_CLEAR = "\x1b[H\x1b[2J"


def load() -> str:
    """What loads the palette."""
    return "".join(f"\x1b]P{slot:X}{colour}" for slot, colour in enumerate(SLOTS))
