"""Every cause and alert of engine and transports is said in every language, with what to do."""

import re
from pathlib import Path

import pytest

from tui.model.sample import Protection

TUI = Path(__file__).parents[2] / "tui"
SOURCES = [*TUI.glob("engine/*.py"), *TUI.glob("transports/*.py")]
CAUSES = sorted({key for path in SOURCES for key in re.findall(r'Cause\(\s*"([a-z-]+)"', path.read_text())})
ALERTS = ["link-lost", "cell-low", "cell-high", "cell-wire"]
ALERTS += [
    f"protection-{p.replace('_', '-')}" for p in Protection if p is not Protection.MOSFET_SOFTWARE_LOCK
]


def messages(language: str) -> dict[str, set[str]]:
    """Key of each message, with the names it fills in."""
    found = re.findall(r"^([a-z-]+) = (.*)$", (TUI / "locale" / f"{language}.ftl").read_text("utf-8"), re.M)
    return {key: set(re.findall(r"\{ \$(\w+) ", text)) for key, text in found}


def test_the_list_of_causes_is_found() -> None:
    assert {"port-missing", "port-permission-login", "garbage", "ports-equal"} <= set(CAUSES)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_cause_has_a_sentence_and_an_advice(language: str) -> None:
    known = messages(language)
    wanted = [f"cause-{key}{end}" for key in (*CAUSES, "asleep", "no-answer") for end in ("", "-do")]
    assert [key for key in wanted if key not in known] == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_alert_has_a_long_and_a_short_sentence(language: str) -> None:
    known = messages(language)
    assert [
        f"alert-{key}{end}" for key in ALERTS for end in ("", "-short") if f"alert-{key}{end}" not in known
    ] == []


def test_both_languages_fill_in_the_same_names() -> None:
    english, french = messages("en"), messages("fr")
    for key in (k for k in english if k.startswith(("cause-", "alert-"))):
        assert english[key] == french[key], key
