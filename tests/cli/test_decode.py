"""`packdeck decode jbd`, as a person runs it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runs import House

CELLS = "DD0400080F450F3D0F370F3DFEC677"
CELL_VALUES = {"register": 4, "status": 0, "cell_count": 4, "cells_v": [3.909, 3.901, 3.895, 3.901]}
NAME = "DD0500023132FF9B77"
REFUSED = "DD058000FF8077"
ASK_BASIC, ASK_CELLS = "DDA50300FFFD77", "DDA50400FFFC77"
VECTORS = {
    v["id"]: v for v in json.loads((Path(__file__).parents[1] / "recordings" / "jbd.json").read_text())
}


def decoded(home: House, *words: str, code: int = 0) -> Any:
    """The JSON it prints; nothing else may be printed."""
    done = home.run("decode", "jbd", *words)
    assert (done.returncode, done.stderr) == (code, "")
    return json.loads(done.stdout)


def refused(home: House, *words: str, **environment: str) -> str:
    """The one sentence it says; exit 2, nothing on standard output."""
    done = home.run("decode", "jbd", *words, **environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("packdeck: ") and done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize(
    "words",
    [
        [CELLS],
        [CELLS.lower()],
        ["DD 04 00 08 0F 45 0F 3D 0F 37 0F 3D FE C6 77"],
        ["DD", "04", "00", "08", "0F", "45", "0F", "3D", "0F", "37", "0F", "3D", "FE", "C6", "77"],
        ["DD040008", "0F450F3D", "0F370F3D", "FEC677"],
        ["dd:04:00:08:0f:45:0f:3d:0f:37:0f:3d:fe:c6:77"],
        [", ".join(f"0x{CELLS[at : at + 2]}" for at in range(0, len(CELLS), 2))],
        ["--request", ASK_CELLS, "--response", CELLS],
        ["--request", ASK_CELLS, CELLS],
    ],
)
def test_one_answer(home: House, words: list[str]) -> None:
    """However the bytes are written, the values are the same."""
    assert decoded(home, *words) == CELL_VALUES


@pytest.mark.parametrize("name", ["basic-4s-sp04s034-b", "errcounts-122-covp", "doc-fa-read-2"])
def test_recordings(home: House, name: str) -> None:
    """S0-4: a recorded answer of a board comes out with its published values."""
    vector = VECTORS[name]
    assert (
        decoded(home, "--request", vector["hex_request"], "--response", vector["hex_response"])
        == (vector["expected"])
    )


def test_several_answers(home: House) -> None:
    """One word each: a list in the same order. Joined in one word: a stream of frames."""
    assert decoded(home, CELLS, NAME) == [CELL_VALUES, {"register": 5, "status": 0, "hardware_name": "12"}]
    stream = decoded(home, CELLS + NAME)
    assert [frame["hex"] for frame in stream["frames"]] == [CELLS.lower(), NAME.lower()]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (REFUSED, {"register": 5, "status": 128, "error": "unknown_command_or_denied"}),
        (CELLS.replace("0F45", "0F46"), {"frames": [], "reason": "bad_checksum"}),
        (CELLS[:-2] + "78", {"frames": [], "reason": "bad_end"}),
        (CELLS[:-2], {"frames": [], "leftover_hex": CELLS[:-2].lower(), "reason": "truncated"}),
        ("0011", {"frames": [], "reason": "no_start"}),
        ("", {"frames": [], "reason": "truncated"}),
    ],
)
def test_damaged_or_refused(home: House, word: str, said: dict[str, Any]) -> None:
    """Exit 1, and the reason in the same place as the values."""
    assert decoded(home, word, code=1) == said


def test_one_bad_among_good_ones(home: House) -> None:
    """Exit 1, and the good ones are shown all the same."""
    assert decoded(home, CELLS, REFUSED, code=1)[0] == CELL_VALUES
    assert len(decoded(home, CELLS + REFUSED, code=1)["frames"]) == 2


def test_answer_to_another_question(home: House) -> None:
    """Told, and the values are shown."""
    assert decoded(home, "--request", ASK_BASIC, "--response", CELLS) == {
        **CELL_VALUES,
        "matches_request": False,
    }


def test_no_hex(home: House) -> None:
    """The word is named, and what bytes look like."""
    assert '"DD0" is not hexadecimal' in refused(home, "DD0")
    assert '"zz"' in refused(home, CELLS, "zz")
    assert '"xyz"' in refused(home, "--request", "xyz", "--response", CELLS)
    assert '"' + "g" * 37 + '..."' in refused(home, "g" * 5000)
    assert "hexadécimal" in refused(home, "zz", LANG="fr_FR.UTF-8")


def test_nothing_or_too_much(home: House) -> None:
    """Nothing to decode, and the answer in two places."""
    assert "nothing to decode" in refused(home)
    assert "nothing to decode" in refused(home, "--request", ASK_CELLS)
    assert "--response" in refused(home, CELLS, "--response", CELLS)


def test_the_example_in_the_message_works(home: House) -> None:
    """What the program proposes to type can be typed."""
    example = refused(home).split("packdeck decode jbd ")[1].split()[0]
    assert decoded(home, example)["hardware_name"] == "12"
