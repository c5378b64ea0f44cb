"""Every theme gives every role a look that can be read."""

import re

import pytest
from rich.color import ColorType
from textual.color import Color
from textual.theme import Theme

from tui.style import palette
from tui.style.themes import OWN_VARIABLES, ROLES, THEME_NAMES, THEMES, role_styles

ANSI_THEMES = ("packdeck-ansi", "packdeck-console")
BACKGROUNDS = range(8)  # a Linux console has no others
READABLE, LARGE = 4.5, 3.0  # contrast by WCAG 2 for text, and for lines and large shapes
DIM_ON_PURPOSE = {"rule", "stale"}
BARS = {role for role in ROLES if role.startswith("bar-")}
TRUE_COLOUR = [theme for theme in THEMES if theme.name not in ANSI_THEMES]


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2: 1 for the same, 21 for black on white."""
    low, high = sorted(_luminance(Color.parse(c)) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: Color) -> float:
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized]
    return sum(part * share for part, share in zip(parts, (0.2126, 0.7152, 0.0722), strict=True))


def test_every_theme_has_a_name_a_person_can_choose() -> None:
    """CL-7: the console looks are among them."""
    assert tuple(theme.name for theme in THEMES) == THEME_NAMES
    assert {"packdeck", "console", "console-red", "packdeck-ansi"} <= set(THEME_NAMES)


@pytest.mark.parametrize("name", THEME_NAMES)
def test_every_theme_has_every_role(name: str) -> None:
    assert set(role_styles(name)) == set(ROLES)
    assert all(style.color is not None for style in role_styles(name).values())


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_theme_has_the_variables_of_the_style_sheet(theme: Theme) -> None:
    assert theme.variables.keys() >= OWN_VARIABLES.keys()


@pytest.mark.parametrize("theme", TRUE_COLOUR, ids=lambda theme: theme.name)
def test_text_is_readable(theme: Theme) -> None:
    for role, style in role_styles(theme.name).items():
        assert style.color is not None
        under = style.bgcolor.name if style.bgcolor else (theme.panel if role in BARS else theme.background)
        ratio = contrast(style.color.name, str(under))
        needed = 1.0 if role == "rule" else LARGE if role in DIM_ON_PURPOSE else READABLE
        assert ratio >= needed, f"{role} in {theme.name}: {ratio:.1f}"


@pytest.mark.parametrize("name", ANSI_THEMES)
def test_sixteen_colours_are_only_named(name: str) -> None:
    for role, style in role_styles(name).items():
        assert style.color is not None
        assert style.color.type is ColorType.STANDARD, role
        if style.bgcolor is not None:
            assert style.bgcolor.type is ColorType.STANDARD, role
            assert style.bgcolor.number in BACKGROUNDS, role


@pytest.mark.parametrize("theme", [t for t in THEMES if t.name in ANSI_THEMES], ids=lambda theme: theme.name)
def test_the_style_sheet_of_sixteen_colours_names_no_other(theme: Theme) -> None:
    assert theme.ansi
    colours = (
        theme.primary, theme.secondary, theme.accent, theme.warning, theme.error, theme.success,
        theme.foreground, theme.background, theme.surface, theme.panel, theme.boost,
    )  # fmt: skip
    assert all(str(colour).startswith("ansi_") for colour in colours)
    grounds = {theme.background, theme.surface, theme.panel, theme.boost}
    grounds |= {value for key, value in theme.variables.items() if key.endswith("background")}
    assert not [
        ground for ground in grounds if str(ground).startswith("ansi_bright") and ground != "ansi_white"
    ]
    assert not [key for key, value in theme.variables.items() if value != "none" and "ansi_" not in value]


def test_on_a_console_with_our_palette_text_is_readable() -> None:
    slots = [f"#{slot}" for slot in palette.SLOTS]
    for role, style in role_styles("packdeck-console").items():
        assert style.color is not None
        assert style.color.number is not None
        under = style.bgcolor.number if style.bgcolor else 5 if role in BARS else 0
        needed = LARGE if role in DIM_ON_PURPOSE else READABLE
        assert contrast(slots[style.color.number], slots[under or 0]) >= needed, role


def test_states_never_look_like_the_normal_text() -> None:
    """CL-43: a word says it; colour must not say the opposite."""
    for name in set(THEME_NAMES) - {"console-red"}:  # one colour on purpose
        styles = role_styles(name)
        assert len({str(styles[role].color) for role in ("alarm", "warn", "ok")}) == 3, name
        assert styles["cell-max"] != styles["cell-min"], name


def test_the_palette_sets_all_sixteen_slots_in_order() -> None:
    """Seven hex digits each, as console_codes(4) says: slot, red, green, blue."""
    found = re.findall("\x1b\\]P([0-9A-F])([0-9A-F]{6})", palette.load())
    assert [slot for slot, _ in found] == list("0123456789ABCDEF")
    assert "".join(f"\x1b]P{slot}{colour}" for slot, colour in found) == palette.load()
    assert palette.RESET == "\x1b]R"


def test_a_theme_that_is_not_ours_still_has_all_roles() -> None:
    assert role_styles("nord") == role_styles("packdeck")
