"""What we say, in English and French: Fluent messages by key.

Plain messages are read and filled here, because loading a Fluent run-time costs more than all the rest of a
screen's start; a message with a selector (`->`) is handed to `fluent.runtime`, which is loaded on first need.
"""

import logging
import os
import re
from functools import cache
from importlib import resources
from typing import Any

log = logging.getLogger(__name__)

LANGUAGES = ("en", "fr")
_MESSAGE = re.compile(r"^([a-z][a-z0-9-]*) *= ?(.*)$")
_PLACE = re.compile(r"\{ *(?:\$([a-z_]+)|\"([^\"]*)\") *\}")
_current = "en"


def use(language: str) -> None:
    """Speak this language from now on: `en`, `fr`, or `auto` for the language of the system."""
    global _current
    _current = _of_system() if language == "auto" else language if language in LANGUAGES else "en"


def language() -> str:
    """The language spoken now."""
    return _current


def _of_system() -> str:
    said = next((os.environ[k] for k in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(k)), "")
    return "fr" if said.lower().startswith("fr") else "en"


def say(key: str, /, **args: object) -> str:
    """The message in the language of the moment. An unknown key is said as it is, and logged once."""
    template = messages(_current).get(key)
    if template is None:
        _missing(_current, key)
        return key
    if "->" in template:
        return _by_library(_current, key, args)
    if "{" not in template:
        return template
    return _PLACE.sub(lambda m: m[2] if m[1] is None else str(args.get(m[1], f"{{${m[1]}}}")), template)


@cache
def messages(language: str) -> dict[str, str]:
    """All messages of one language as they stand in its file, continuation lines joined."""
    found: dict[str, str] = {}
    key = ""
    for line in source(language).splitlines():
        if match := _MESSAGE.match(line):
            key, found[match[1]] = match[1], match[2]
        elif key and line.startswith((" ", "}")) and line.strip():
            found[key] = f"{found[key]}\n{line.strip()}".lstrip("\n")
        else:
            key = ""
    return found


def source(language: str) -> str:
    """The file of one language."""
    return resources.files(__name__).joinpath(f"{language}.ftl").read_text(encoding="utf-8")


@cache
def _missing(language: str, key: str) -> None:
    log.warning("no message %r in %r", key, language)


def _by_library(language: str, key: str, args: dict[str, object]) -> str:
    bundle = _bundle(language)
    text, _errors = bundle.format_pattern(bundle.get_message(key).value, args)
    return str(text)


@cache
def _bundle(language: str) -> Any:  # fluent.runtime has no types
    from fluent.runtime import FluentBundle, FluentResource

    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(FluentResource(source(language)))
    return bundle
