"""English and French say the same things, and everything the program says is there to be said."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import FluentParser
from fluent.syntax import ast as fluent
from fluent.syntax.visitor import Visitor

import tui
from tui import locale
from tui.locale import LANGUAGES, language, messages, say, source, use
from tui.model.link import State
from tui.model.sample import Protection
from tui.model.settings import SETTINGS

CODE = Path(tui.__file__).parent
SIZES = (0, 1, 2, 21)
SYSTEM = ("LC_ALL", "LC_MESSAGES", "LANG")


class Variables(Visitor):  # type: ignore[misc]  # fluent.syntax has no types
    """The names of all variables in a message."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: fluent.VariableReference) -> None:  # noqa: N802
        self.names.add(node.id.name)


def entries(name: str) -> list[fluent.EntryType]:
    return list(FluentParser().parse(source(name)).body)


def variables(name: str) -> dict[str, set[str]]:
    """Message to the names of its variables."""
    found = {}
    for entry in entries(name):
        if isinstance(entry, fluent.Message):
            visitor = Variables()
            visitor.visit(entry)
            found[entry.id.name] = visitor.names
    return found


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_file_is_valid_and_has_no_message_twice(name: str) -> None:
    junk = [entry.content for entry in entries(name) if isinstance(entry, fluent.Junk)]
    assert not junk
    keys = Counter(entry.id.name for entry in entries(name) if isinstance(entry, fluent.Message))
    assert not [key for key, count in keys.items() if count > 1]


def test_both_languages_have_the_same_messages_with_the_same_variables() -> None:
    """CL-49: nothing is missing in French, nothing is left over."""
    assert variables("fr") == variables("en")


def test_french_is_not_english() -> None:
    """CL-49: a text of several words that is the same in both was forgotten."""
    same = [key for key, text in messages("en").items() if messages("fr")[key] == text]
    assert not [
        key for key in same if len(re.findall(r"[a-z]{3,}", re.sub(r"\{.*?\}", "", messages("en")[key]))) > 2
    ]


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_message_is_said_as_the_fluent_library_says_it(name: str) -> None:
    """Plain messages are filled by a few lines of our own: they must not differ from the standard."""
    bundle = FluentBundle([name], use_isolating=False)
    bundle.add_resource(FluentResource(source(name)))
    use(name)
    for key, names in variables(name).items():
        for size in SIZES:
            args: dict[str, object] = {
                word: size if "->" in messages(name)[key] else f"<{word}>" for word in names
            }
            expected, errors = bundle.format_pattern(bundle.get_message(key).value, args)
            assert not errors, key
            assert say(key, **args) == expected, key


@pytest.mark.parametrize("name", LANGUAGES)
def test_no_message_ends_or_begins_with_a_space(name: str) -> None:
    use(name)
    for key in messages(name):
        assert say(key) == say(key).strip(), key


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_CH.UTF-8"}, "fr"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LC_ALL": "fr_FR.UTF-8", "LANG": "en_GB.UTF-8"}, "fr"),
        ({"LC_ALL": "C.UTF-8", "LANG": "fr_FR.UTF-8"}, "en"),
        ({"LC_MESSAGES": "fr_FR.UTF-8", "LANG": "en_GB.UTF-8"}, "fr"),
        ({"LC_ALL": "", "LANG": "fr_FR.UTF-8"}, "fr"),
        ({}, "en"),
    ],
)
def test_the_language_follows_the_system(
    environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CL-49: by the variables of the system, in their order."""
    for variable in SYSTEM:
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    use("auto")
    assert language() == expected


def test_the_language_changes_while_running() -> None:
    """CL-49: the next thing said is in the new language."""
    use("en")
    assert say("place-overview") == "Overview"
    use("fr")
    assert say("place-overview") == "Aperçu"
    use("xx")
    assert language() == "en"


def test_a_message_that_is_missing_is_said_by_its_key_and_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    locale._missing.cache_clear()
    assert say("no-such-thing", count=3) == "no-such-thing"
    assert say("no-such-thing") == "no-such-thing"
    assert [record.args for record in caplog.records] == [("no-such-thing", "en")]


def test_a_variable_that_is_not_given_stands_as_its_name() -> None:
    assert say("age-seconds") == "{$seconds}s ago"


# --- what the code says ---


def calls(function: str) -> Iterator[tuple[str, ast.Call]]:
    """All calls of a function in the program, with the place of each."""
    for place, call in all_calls():
        if function in (getattr(call.func, "id", ""), getattr(call.func, "attr", "")):
            yield place, call


@cache
def all_calls() -> tuple[tuple[str, ast.Call], ...]:
    return tuple(
        (f"{path.relative_to(CODE)}:{node.lineno}", node)
        for path in sorted(CODE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    )


def patterns(node: ast.expr) -> Iterator[str]:
    """What a key can be, as regular expressions: names that are only known later are any word."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield re.escape(node.value)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z0-9-]+"
            for part in node.values
        )
    elif isinstance(node, ast.IfExp):
        yield from patterns(node.body)
        yield from patterns(node.orelse)


def said() -> dict[str, str]:
    """Pattern of every key that is said, with the place."""
    found = {}
    for place, call in calls("say"):
        if call.args:
            found.update(dict.fromkeys(patterns(call.args[0]), place))
    return found


def test_everything_that_is_said_has_words() -> None:
    """CL-49: no text on any screen is a bare key."""
    keys = list(messages("en"))
    missing = [
        f"{key} ({place})" for key, place in said().items() if not any(re.fullmatch(key, k) for k in keys)
    ]
    assert len(said()) > 100
    assert not missing


def test_every_cause_has_a_sentence_and_an_advice() -> None:
    """What happened, and one thing to do."""
    keys = messages("en")
    causes = {
        (pattern.replace("\\", ""), place)
        for function in ("Cause", "cause", "error")  # the last two fill in a place of the radio
        for place, call in calls(function)
        for pattern in (patterns(call.args[0]) if call.args else ())
        if "[" not in pattern and (function == "Cause" or pattern.startswith("ble"))
    }
    assert len(causes) > 15
    assert not [c for c in causes if not {f"cause-{c[0]}", f"cause-{c[0]}-do"} <= keys.keys()]
    assert not [
        key
        for key in keys
        if key.startswith("cause-") and not key.endswith("-do") and f"{key}-do" not in keys
    ]


def test_what_is_said_is_given_its_variables() -> None:
    """A sentence with a hole would show the name of the variable."""
    needed = variables("en")
    holes = []
    for place, call in calls("say"):
        key = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
        given = {keyword.arg for keyword in call.keywords}
        if key in needed and None not in given and not needed[key] <= given:
            holes.append(f"{key} at {place} lacks {needed[key] - given}")
    assert not holes


def test_every_state_and_protection_has_a_word() -> None:
    words = {f"protection-{p.value.replace('_', '-')}" for p in Protection}
    words |= {f"state-{state.value}" for state in State}
    words |= {f"day-{day}" for day in range(7)}
    assert words - messages("en").keys() == set()


def test_every_setting_is_explained() -> None:
    words = {setting.help for setting in SETTINGS}
    assert words - messages("en").keys() == set()
    assert {key for key in messages("en") if key.startswith("setting-")} - words == set()


def test_no_message_is_left_that_nobody_says() -> None:
    """Words without a use are words that nobody keeps true."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in CODE.rglob("*.py"))
    literals = set(re.findall(r'"([a-z0-9-]+)"', code))
    used = re.compile("|".join(said()))
    indirect = ("cause-", "alert-", "protection-", "note-", "battery-", "state-", "setting-")
    indirect += ("status-", "counter-", "unit-event-", "frame-error-")
    indirect += ("reg-", "regcommand-", "danger-", "choice-")  # of the tables of parameters
    left = [
        key
        for key in messages("en")
        if not key.startswith(indirect) and key not in literals and not used.fullmatch(key)
    ]
    assert not left
