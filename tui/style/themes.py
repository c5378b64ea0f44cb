"""Themes, and the roles that drawings colour their text with.

A role is what something means (`charge`, `stale`, `band-alarm`); a theme says how it looks. No role says
anything that a word or a shape beside it does not say too.
"""

from functools import cache

from rich.color import Color
from rich.style import Style
from textual.theme import Theme

# Colours that stay apart for the common colour blindnesses; each also has its place in the palette that is
# loaded into a Linux console (style/palette.py), so that one picture looks the same everywhere.
GROUND, PANEL, TEXT, LABEL, WHITE = "#0B0F14", "#26313D", "#C8D0D8", "#8592A0", "#FFFFFF"
ALARM, OK, WARN, CHARGE, BALANCING, SERIES_B = (
    "#FF7A59",
    "#5CC9A7",
    "#F0B429",
    "#6CB6FF",
    "#D9A0D9",
    "#7FD7E8",
)
BAND_ALARM, BAND_OK, BAND_WARN, SELECTION, BAND_INFO = "#B4372A", "#1F6F54", "#8A5A00", "#1F4E79", "#1E6573"
RULE = "#5A6673"

ROLES = (
    "text", "label", "title", "number", "rule", "key", "stale", "ok", "warn", "alarm", "info", "charge",
    "discharge", "balancing", "cell-max", "cell-min", "series-a", "series-b", "selection", "band-alarm",
    "band-warn", "bar-title", "bar-label", "bar-key", "bar-button",
    "bar-ok", "bar-warn", "bar-alarm", "bar-info",
    "zone-activate", "zone-system",
)  # fmt: skip

_DARK = {
    "text": TEXT, "label": LABEL, "title": f"bold {WHITE}", "number": WHITE, "rule": RULE, "key": WARN,
    "stale": LABEL, "ok": OK, "warn": WARN, "alarm": ALARM, "info": SERIES_B, "charge": CHARGE,
    "discharge": WARN, "balancing": BALANCING, "cell-max": ALARM, "cell-min": CHARGE, "series-a": CHARGE,
    "series-b": SERIES_B, "selection": f"bold {WHITE} on {SELECTION}",
    "band-alarm": f"bold {WHITE} on {BAND_ALARM}",
    "band-warn": f"bold {WHITE} on {BAND_WARN}", "bar-title": WHITE, "bar-label": TEXT,
    "bar-key": WARN, "bar-button": f"bold {WHITE} on {SELECTION}",
    "bar-ok": OK, "bar-warn": WARN, "bar-alarm": ALARM, "bar-info": SERIES_B,
    "zone-activate": f"{WHITE} on {BAND_OK}", "zone-system": f"{WHITE} on {BAND_ALARM}",
}  # fmt: skip
_LIGHT = {
    "text": "#2A333C", "label": "#5A6673", "title": "bold #000000", "number": "#000000", "rule": "#A8B2BC",
    "key": "#7A4F00", "stale": "#7A858F", "ok": "#0F6B4C", "warn": "#8A5A00", "alarm": "#B3261E",
    "info": "#0B6173", "charge": "#1259A8", "discharge": "#8A5A00", "balancing": "#8A3C8A",
    "cell-max": "#B3261E", "cell-min": "#1259A8", "series-a": "#1259A8", "series-b": "#0B6173",
    "selection": "bold #FFFFFF on #1F4E79", "band-alarm": "bold #FFFFFF on #B3261E",
    "band-warn": "bold #FFFFFF on #8A5A00", "bar-title": "#000000", "bar-label": "#2A333C",
    "bar-key": "#7A4F00", "bar-button": "bold #FFFFFF on #1F4E79",
    "bar-ok": "#0F6B4C", "bar-warn": "#7A4F00", "bar-alarm": "#B3261E",
    "bar-info": "#0B6173", "zone-activate": "#FFFFFF on #0F6B4C", "zone-system": "#FFFFFF on #B3261E",
}  # fmt: skip
# Row CL-7: black, red frames, amber labels, green values.
_CONSOLE = _DARK | {
    "text": "#38D16A", "label": "#F0B429", "title": "bold #FF5A4A", "number": "#38D16A", "rule": "#C0281C",
    "charge": "#38D16A", "ok": "#38D16A", "series-a": "#38D16A", "cell-min": "#6CB6FF",
    "bar-title": "#38D16A",
    "bar-label": "#F0B429", "bar-ok": "#38D16A", "key": "#F0B429", "stale": "#8592A0",
}  # fmt: skip
_RED = dict.fromkeys(ROLES, "#FF5A4A") | {
    "label": "#DC3A2C", "rule": "#8A1C14", "stale": "#8A4A44", "title": "bold #FF8A7E",
    "number": "bold #FF8A7E",
    "selection": "bold #000000 on #FF5A4A", "bar-button": "bold #FF8A7E on #5A140E",
    "band-alarm": "bold #000000 on #FF5A4A",
    "band-warn": "bold #000000 on #DC3A2C", "zone-activate": "#FF8A7E on #3A0A06",
    "zone-system": "#FF8A7E on #6A130C",
}  # fmt: skip
# Sixteen colours by number: the terminal's own, or ours where the palette could be loaded. Backgrounds only
# from the first eight: a Linux console has no others.
_ANSI = {
    "text": "white", "label": "bright_black", "title": "bold bright_white", "number": "bright_white",
    "rule": "bright_black", "key": "bright_yellow", "stale": "bright_black", "ok": "bright_green",
    "warn": "bright_yellow", "alarm": "bright_red", "info": "bright_cyan", "charge": "bright_blue",
    "discharge": "bright_yellow", "balancing": "bright_magenta", "cell-max": "bright_red",
    "cell-min": "bright_blue", "series-a": "bright_blue", "series-b": "bright_cyan",
    "selection": "bold bright_white on cyan", "band-alarm": "bold bright_white on red",
    "band-warn": "bold black on yellow", "bar-title": "bright_white", "bar-label": "white",
    "bar-key": "bright_yellow", "bar-button": "bold bright_white on cyan",
    "bar-ok": "bright_green", "bar-warn": "bright_yellow",
    "bar-alarm": "bright_red", "bar-info": "bright_cyan", "zone-activate": "bright_white on green",
    "zone-system": "bright_white on red",
}  # fmt: skip
# A Linux console with our palette (style/palette.py): there yellow is dark and magenta is the panel.
_LINUX_CONSOLE = _ANSI | {
    "selection": "bold bright_white on blue", "bar-button": "bold bright_white on blue",
    "band-warn": "bold bright_white on yellow",
}  # fmt: skip

_LOOKS = {
    "packdeck": _DARK,
    "packdeck-light": _LIGHT,
    "console": _CONSOLE,
    "console-red": _RED,
    "packdeck-ansi": _ANSI,
    "packdeck-console": _LINUX_CONSOLE,
}
THEME_NAMES = tuple(_LOOKS)


def _theme(name: str, ground: str, panel: str, surface: str, text: str, dark: bool = True) -> Theme:
    look = _LOOKS[name]
    colour = {role: Style.parse(text).color for role, text in look.items()}

    def of(role: str) -> str:
        found: Color | None = colour[role]
        return found.name if found is not None else text

    return Theme(
        name=name,
        primary=of("charge"),
        secondary=of("info"),
        accent=of("key"),
        warning=of("warn"),
        error=of("alarm"),
        success=of("ok"),
        foreground=text,
        background=ground,
        surface=surface,
        panel=panel,
        dark=dark,
        variables={
            "rule": of("rule"),
            "label": of("label"),
            "number": of("number"),
            "selection": SELECTION if dark else "#C7D8EA",
            "bar": panel,
            "footer-key-foreground": of("key"),
            "input-selection-background": f"{of('charge')} 35%",
        },
    )


def _ansi_theme(name: str, panel: str, selection: str) -> Theme:
    """A theme that names the sixteen colours only; Textual then sends no other."""
    return Theme(
        name=name,
        primary="ansi_bright_blue",
        secondary="ansi_bright_cyan",
        accent="ansi_bright_yellow",
        warning="ansi_bright_yellow",
        error="ansi_bright_red",
        success="ansi_bright_green",
        foreground="ansi_white",
        background="ansi_black",
        surface="ansi_black",
        panel=panel,
        boost="ansi_black",
        dark=True,
        ansi=True,
        variables={
            "rule": "ansi_bright_black",
            "label": "ansi_bright_black",
            "number": "ansi_bright_white",
            "selection": selection,
            "bar": panel,
            "ansi-background": "ansi_black",
            "ansi-foreground": "ansi_white",
            "border-blurred": "ansi_black",
            "block-cursor-foreground": "ansi_bright_white",
            "block-cursor-background": selection,
            "input-cursor-background": "ansi_white",
            "input-cursor-foreground": "ansi_black",
            "input-cursor-text-style": "none",
            "input-selection-background": selection,
            "input-selection-foreground": "ansi_bright_white",
            "screen-selection-background": selection,
            "screen-selection-foreground": "ansi_bright_white",
        },
    )


OWN_VARIABLES = {
    "rule": RULE,
    "label": LABEL,
    "number": WHITE,
    "selection": SELECTION,
    "bar": PANEL,
}  # for other themes

THEMES: tuple[Theme, ...] = (
    _theme("packdeck", GROUND, PANEL, "#131A22", TEXT),
    _theme("packdeck-light", "#F7F9FB", "#DCE3EA", "#FFFFFF", "#2A333C", dark=False),
    _theme("console", "#000000", "#1A0503", "#0A0202", "#38D16A"),
    _theme("console-red", "#000000", "#2A0805", "#140302", "#FF5A4A"),
    _ansi_theme("packdeck-ansi", panel="ansi_blue", selection="ansi_cyan"),
    _ansi_theme("packdeck-console", panel="ansi_magenta", selection="ansi_blue"),
)


@cache
def role_styles(theme: str) -> dict[str, Style]:
    """The style of every role in a theme; themes that are not ours look like `packdeck`."""
    look = _LOOKS.get(theme, _DARK)
    return {role: Style.parse(look[role]) for role in ROLES}
