"""`packdeck report`: one page, every number with its source, nothing invented, nothing from outside."""

import json
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.cli.runs import LOOKS_S, PATIENCE_S, House, house
from tests.fakes import wait_until
from tui.cli.report_data import CELL_COLUMNS, CellRow, Figure, Report, Setting, _settings
from tui.cli.report_html import html_page
from tui.cli.report_text import text_lines
from tui.cli.report_words import method_words, reason_words
from tui.locale import use
from tui.model.alert import Alert, AlertRecord, Severity
from tui.model.estimate import Method, Reason
from tui.model.register import Category, Register, RegisterPage, RegisterValue

CONFIG = "[history]\ninterval_s = 1\nlive_interval_ms = 200\ncommit_s = 1\n"
NOW_MS = 1_795_262_400_000
HOSTILE = "<script>alert(1)</script>\"'&"


def found(home: House, *words: str) -> dict[str, Any]:
    """What `report --json` says."""
    done = home.run("report", "--json", *words)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def charged_kwh(home: House) -> float:
    done = home.run("report", "--json", "--track", "left")
    return json.loads(done.stdout)["energy"]["charged_kwh"]["value"] or 0.0 if done.returncode == 0 else 0.0


@pytest.fixture(scope="module")
def demo() -> Iterator[House]:
    """An engine with two simulated packs that has counted some energy."""
    with house() as home:
        home.write_config(CONFIG)
        with home.running("serve", "--demo"):
            wait_until(lambda: charged_kwh(home) > 0, LOOKS_S)
            yield home


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words += data


def test_every_number_has_a_source_or_a_reason(demo: House) -> None:
    """S1-82: the method is named; what is not known is null and says why."""
    said = found(demo, "--track", "left")
    figures = [*said["state"].values(), *said["energy"].values(), *said["health"].values()]
    figures += [figure for cell in said["cells"] for figure in cell["figures"].values()]
    assert len(figures) > 60
    for figure in figures:
        if figure["value"] is None:
            assert figure["reason"] and figure["method"] is None and figure["error"] is None
        else:
            assert figure["method"]
    assert said["state"]["soh_pct"]["value"] is None, "this unit tells none"
    assert said["state"]["voltage_v"]["age_s"] < 60
    assert said["energy"]["charged_kwh"]["method"] == "integrated"
    assert said["energy"]["measured_h"]["value"] < 1
    assert len(said["cells"]) == 16


def test_a_simulated_pack_never_passes_for_a_real_one(demo: House) -> None:
    assert found(demo, "--track", "left")["simulated"] is True
    for words in ((), ("--html", "-")):
        done = demo.run("report", "--track", "left", *words)
        assert done.returncode == 0
        assert "left – SIM" in done.stdout
        assert "no real battery" in done.stdout


def test_settings_are_in_when_the_battery_tells_them(demo: House) -> None:
    said = found(demo, "--track", "right")
    settings = {setting["key"]: setting["value"] for setting in said["settings"]}
    assert settings["cell_overvoltage"] == "3650 mV"
    assert said["settings_read_timestamp_ms"] > 1_600_000_000_000
    assert not any("password" in key for key in settings)


def test_the_file_is_whole_new_and_in_the_language_that_was_said(demo: House) -> None:
    path = demo.folder / "report.html"
    done = demo.run("report", "--track", "left", "--language", "fr", "--html", str(path))
    assert done.returncode == 0, done.stderr
    page = path.read_text()
    assert page.startswith("<!DOCTYPE html>") and page.endswith("</html>\n")
    assert '<html lang="fr">' in page and "Tension" in page
    again = demo.run("report", "--track", "left", "--html", str(path))
    assert again.returncode == 1 and again.stderr.count("\n") == 1
    assert path.read_text() == page
    nowhere = demo.run("report", "--track", "left", "--html", "/nowhere/x.html")
    assert nowhere.returncode == 1 and "/nowhere/x.html" in nowhere.stderr


def test_one_report_is_about_one_battery(demo: House) -> None:
    several = demo.run("report")
    assert (several.returncode, several.stdout) == (2, "")
    assert "left right" in several.stderr
    nobody = demo.run("report", "--track", "middle")
    assert nobody.returncode == 1 and "left right" in nobody.stderr


def test_a_range_before_everything_has_no_energy_and_says_so(demo: House) -> None:
    said = found(demo, "--track", "left", "--until", "2020-01-01")
    assert said["energy"]["charged_kwh"]["value"] is None
    assert said["energy"]["charged_kwh"]["reason"] == "no-history"
    assert said["events"]["total"] == 0


def test_without_an_engine_the_kept_part_is_told_and_the_rest_is_unknown() -> None:
    with house() as home:
        home.write_config(CONFIG)
        with home.running("serve", "--demo") as engine:
            wait_until(lambda: charged_kwh(home) > 0, LOOKS_S)
            engine.send_signal(signal.SIGTERM)
            engine.wait(PATIENCE_S)
        said = found(home, "--track", "left", "--offline", "--simulated")
        assert said["simulated"] is True
        assert said["energy"]["charged_kwh"]["value"] > 0
        assert said["state"] == {} and said["cells"] == [] and said["settings"] == []
        assert said["health"]["capacity_ah"] == {
            "value": None, "unit": "Ah", "error": None, "method": None, "n": None, "timestamp_ms": None,
            "age_s": None, "reason": "no-engine",
        }  # fmt: skip
        assert len(said["gaps"]) == 2
        text = home.run("report", "--track", "left", "--offline", "--simulated")
        assert text.returncode == 0 and "unknown" in text.stdout


def test_without_anything_there_is_one_sentence(home: House) -> None:
    done = home.run("report")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr


# --- the page ---


def full(cells: int = 48) -> Report:
    """As much as one battery can say, and as badly as it can say it."""

    def figure(name: str, error: float | None = 12.34) -> Figure:
        return Figure(name, 1234.5678, "mΩ", 2, "load-steps", error, 999, NOW_MS - 3_600_000)

    rows = tuple(
        CellRow(number, tuple(figure(name) for name in CELL_COLUMNS), number)
        for number in range(1, cells + 1)
    )
    alert = Alert(HOSTILE, "cell-low", Severity.CRITICAL, 5, 2.5, 2.8, since_ms=NOW_MS, number=3)
    return Report(
        HOSTILE,
        NOW_MS,
        simulated=True,
        title=HOSTILE,
        identity=tuple(
            (name, HOSTILE)
            for name in ("manufacturer", "model", "hardware", "firmware", "serial", "chemistry", "protocol")
        ),
        state=tuple(figure(name) for name in ("voltage_v", "current_a", "soc_pct", "soh_pct", "cycles")),
        energy=tuple(figure(name, None) for name in ("charged_kwh", "discharged_kwh", "charged_ah")),
        energy_days=("2025-11-21", "2026-11-21"),
        health=tuple(figure(name) for name in ("nominal_ah", "capacity_ah", "soc_drift_pct")),
        cells=rows,
        weakest=7,
        weak_by="load-steps",
        events=(AlertRecord(alert),) * 8,
        event_counts=((Severity.CRITICAL, 8), (Severity.WARNING, 900), (Severity.INFO, 90)),
        events_total=998,
        settings=tuple(Setting(f"key{n}", f"{HOSTILE} setting {n}", HOSTILE) for n in range(120)),
        settings_read_ms=NOW_MS,
        gaps=(HOSTILE,),
    )


@pytest.fixture(autouse=True)
def english() -> None:
    use("en")


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    text = html_page(full())
    page = Page(text)
    assert "script" not in page.tags and "link" not in page.tags and "img" not in page.tags
    assert not {name for name, _ in page.attributes} & {"src", "href", "srcset", "action", "style"}
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "url(" not in text and "@import" not in text and "://" not in text
    policies = [value for name, value in page.attributes if name == "content" and "default-src" in str(value)]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_what_a_battery_calls_itself_is_shown_and_not_obeyed() -> None:
    page = Page(html_page(full()))
    assert page.words.count(HOSTILE) > 20
    assert page.tags.count("body") == page.tags.count("html") == 1


def test_the_page_is_for_one_sheet_of_paper() -> None:
    """Rows that stand below each other, in a layout whose sheet was measured to hold them."""
    text = html_page(full())
    assert "@page { size: A4" in text
    assert text.count('<table class="cells">') == 3
    assert max(table.count("<tr") for table in text.split('<table class="cells">')[1:]) <= 40
    assert text.count("<div><span>") == 66 and "and 54 more" in text


@pytest.mark.parametrize(("cells", "tables"), [(1, 1), (4, 1), (5, 2), (16, 2), (32, 2), (33, 3), (48, 3)])
def test_cells_stand_beside_each_other(cells: int, tables: int) -> None:
    text = html_page(full(cells))
    assert text.count('<table class="cells">') == tables
    numbers = re.findall(r'<tr(?: class="weak")?><td class="number">(\d+)</td>', text)
    assert numbers == [str(n) for n in range(1, cells + 1)]


def test_nothing_known_is_said_as_unknown_and_never_as_a_number() -> None:
    """Nothing invented: no digit of a measurement in a report that has none."""
    empty = Report("left", NOW_MS, health=(Figure("capacity_ah", None, "Ah", 1, "", reason="no-steps"),))
    for text in ("\n".join(text_lines(empty)), Page(html_page(empty)).words):
        body = text.partition("Energy and alerts")[2].partition("Not a safety device")[0].partition("\n")[2]
        assert "unknown" in body
        assert not re.search(r"\d", body), body


def test_both_forms_say_the_same_numbers() -> None:
    one = replace(full(16), title="", track="left")
    text = "\n".join(text_lines(one))
    page = Page(html_page(one)).words
    for words in (
        "1234.57 ± 12.34 mΩ",
        "cell 7",
        "n = 999",
        "1 h 00 ago",
        "8 critical, 900 warning, 90 info",
    ):
        assert words in text and words in page, words


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_method_and_reason_has_words(language: str) -> None:
    use(language)
    for words in (*(method_words(m) for m in Method), *(reason_words(r) for r in Reason)):
        assert " " in words or words.isalpha(), words
        assert not words.startswith("estimate-")


def test_a_secret_is_never_a_setting() -> None:
    rows = tuple(
        RegisterValue(Register(key, 1, category=category), 123456)
        for key, category in (
            ("password", Category.PROTECTION),
            ("bluetooth_pin", Category.BATTERY),
            ("baud_rate", Category.COMMUNICATION),
            ("cell_overvoltage", Category.PROTECTION),
        )
    )
    assert [one.key for one in _settings(RegisterPage("left", rows=rows))] == ["cell_overvoltage"]
