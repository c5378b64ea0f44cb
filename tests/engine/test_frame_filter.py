"""What a person types to see some frames only."""

import pytest

from tui.engine.frame_filter import Seen, conditions_of, passes
from tui.model.frame import Direction, Trust

LIMITS = Seen("351", Direction.RX, "limits", "cvl_V 58.4", bytes.fromhex("480208e8"), Trust.GOOD)
ALIVE = Seen("305", Direction.TX, "keepalive", "", bytes(8), Trust.GOOD)
OTHER = Seen("18F128F4", Direction.RX, "", "", b"\1", Trust.UNKNOWN)
BROKEN = Seen("04", Direction.RX, "cells", "", b"\xdd", Trust.BAD)
ALL = {"351": LIMITS, "305": ALIVE, "18F128F4": OTHER, "04": BROKEN}


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("", "351 305 18F128F4 04"),
        ("351", "351"),
        ("0x351", "351"),
        ("300-35F", "351 305"),
        ("!305", "351 18F128F4 04"),
        ("name~lim", "351"),
        ("rx", "351 18F128F4 04"),
        ("TX", "305"),
        ("err", "04"),
        ("rx !err", "351 18F128F4"),
        ("18f128f4", "18F128F4"),
        ("58.4", "351"),
        ("cells", "04"),
        ("4802", "351"),
        ("nothing-of-that", ""),
    ],
)
def test_words_choose_frames(words: str, left: str) -> None:
    tests = conditions_of(words)
    assert " ".join(key for key, seen in ALL.items() if passes(seen, tests)) == left


@pytest.mark.parametrize("words", ["!", "-", "~", "name~", "0x", "351-", "!!305", "ÿ"])
def test_any_text_is_a_filter(words: str) -> None:
    tests = conditions_of(words)
    assert all(passes(seen, tests) in (True, False) for seen in ALL.values())
