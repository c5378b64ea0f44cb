"""`packdeck decode tinybms` and `decode can`, as a person runs them: the field names of the recordings."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runs import House

RECORDINGS = Path(__file__).parents[1] / "recordings"


def decoded(home: House, *words: str, code: int = 0) -> Any:
    """The JSON it prints; nothing else may be printed."""
    done = home.run("decode", *words)
    assert (done.returncode, done.stderr) == (code, "")
    return json.loads(done.stdout)


def vectors(name: str) -> list[dict[str, Any]]:
    """Recorded frames with their values."""
    found: list[dict[str, Any]] = json.loads((RECORDINGS / f"{name}.json").read_text())
    return found


def test_a_tinybms_answer_is_named_values(home: House) -> None:
    vector = next(v for v in vectors("tinybms") if v["id"] == "dump1-0x1b")
    said = decoded(home, "tinybms", "--request", vector["hex_request"], "--response", vector["hex_response"])
    assert {key: said[key] for key in vector["expected"]} == vector["expected"]


@pytest.mark.parametrize("name", ["bad-crc-payload-bit", "empty-sleeping", "wrong-command"])
def test_a_bad_tinybms_answer_is_named_and_the_exit_says_so(home: House, name: str) -> None:
    vector = next(v for v in vectors("tinybms") if v["id"] == name)
    said = decoded(
        home,
        "tinybms",
        "--request",
        vector["hex_request"],
        "--response",
        vector["hex_response"],
        code=1,
    )
    assert said["error"] == vector["expected"]["error"]


def test_a_can_frame_as_candump_writes_it(home: House) -> None:
    said = decoded(home, "can", "351#480208E801F4C001")
    assert said["can_id"] == "0x351"
    assert set(said["decoded"]) == {"cvl_V", "ccl_A", "dcl_A", "dvl_V"}
    assert said["decoded"]["cvl_V"] == 58.4


def test_several_frames_are_a_list_and_an_unknown_one_says_so(home: House) -> None:
    known, unknown = decoded(home, "can", "355#4000640000000000", "18F128F4#0011", code=1)
    assert known["decoded"]["soc_pct"] == 64
    assert (unknown["extended"], unknown["error"]) == (True, "unknown_id")


def test_a_dbc_names_the_others(home: House) -> None:
    dbc = home.folder / "mine.dbc"
    dbc.write_text('VERSION ""\nBU_: A\nBO_ 1536 Engine: 2 A\n SG_ Speed : 0|16@1+ (0.1,0) [0|0] "km/h" A\n')
    said = decoded(home, "can", "--dbc", str(dbc), "600#6400")
    assert said["name"] == "Engine"
    assert said["decoded"]["Speed"].startswith("10")


@pytest.mark.parametrize("word", ["351", "35#00", "351#0", "351#001122334455667788", "FFF#00", "xyz#00"])
def test_what_is_no_frame_is_refused(home: House, word: str) -> None:
    done = home.run("decode", "can", word)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def test_a_broken_dbc_names_its_line(home: House) -> None:
    dbc = home.folder / "mine.dbc"
    dbc.write_text('VERSION ""\nBU_: A\nBO_ what is this\n')
    done = home.run("decode", "can", "--dbc", str(dbc), "600#6400")
    assert done.returncode == 1
    assert str(dbc) in done.stderr and "3" in done.stderr
    assert "Traceback" not in done.stderr
