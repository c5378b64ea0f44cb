"""The words of click, the library behind the command line, in the language of the moment.

Click says everything by `gettext`, under one name in each of its modules; there our sentences take its place.
What has no sentence here, as a mistake in our own code, stays as click says it, and so does all English.
"""

import gettext
import re
import sys

import click

from tui.locale import language, say

SENTENCES = {
    "Usage:": "click-usage",
    "Options": "click-options",
    "Commands": "click-commands",
    "Show this message and exit.": "click-help",
    "Show the version and exit.": "click-version",
    "default: {default}": "click-default",
    "required": "click-required",
    "Error: {message}": "click-error",
    "Try '{command} {option}' for help.": "click-try-help",
    "No such option {name!r}.": "click-no-option",
    "No such command {name!r}.": "click-no-command",
    "Did you mean {possibility}?": "click-nearest",
    "(Did you mean one of: {possibilities}?)": "click-nearest-ones",
    "Missing argument": "click-argument-missing",
    "Missing option": "click-option-missing",
    "Missing command.": "click-command-missing",
    "Choose from:\n\t{choices}": "click-choices",
    "Invalid value: {message}": "click-invalid",
    "Invalid value for {param_hint}: {message}": "click-invalid-for",
    "{value!r} is not {choice}.": "click-no-choice",
    "{value!r} is not one of {choices}.": "click-no-choices",
    "{value!r} is not a valid {number_type}.": "click-no-number",
    "{value} is not in the range {range}.": "click-out-of-range",
    "Got unexpected extra argument ({args})": "click-extra",
    "Got unexpected extra arguments ({args})": "click-extras",
    "Option {name!r} does not take a value.": "click-no-value",
    "Option {name!r} requires an argument.": "click-needs-value",
    "{name} {filename!r} does not exist.": "click-path-missing",
    "{name} {filename!r} is a file.": "click-path-file",
    "{name} {filename!r} is a directory.": "click-path-folder",
    "{name} {filename!r} is not readable.": "click-path-unreadable",
    "{name} {filename!r} is not writable.": "click-path-unwritable",
    "file": "click-file",
    "directory": "click-folder",
    "path": "click-path",
    "Error: invalid input": "click-answer",
}
NUMBERS = {
    "integer": "click-whole",
    "integer range": "click-whole",
    "float": "click-decimal",
    "float range": "click-decimal",
}
SENTENCE = 1000  # characters, more than any has
_FIELD = re.compile(r"\{([a-z_]+)(?:![rsa])?\}")


class Group(click.Group):
    """A group whose help says what each of its words does to the end of the sentence."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A line for each word, or several; click would cut it off."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section(translated("Commands")):
            formatter.write_dl(
                [
                    (name, one.get_short_help_str(SENTENCE))
                    for name, one in commands
                    if one is not None and not one.hidden
                ]
            )


class Formatter(click.HelpFormatter):
    """Headings of the help as the language writes them."""

    def write_heading(self, heading: str) -> None:
        """`Options:`"""
        self.write(f"{'':>{self.current_indent}}{say('click-heading', heading=heading)}\n")


class Sentence(str):
    """A sentence with the places that click fills; the names of its numbers are translated as well."""

    __slots__ = ()

    def format(self, *args: object, **said: object) -> str:
        """Filled in."""
        number = said.get("number_type")
        if number in NUMBERS:
            said["number_type"] = say(NUMBERS[str(number)])
        return super().format(*args, **said)


def install() -> None:
    """Let click speak our language from now on. Safe to call twice."""
    click.Context.formatter_class = Formatter
    for name, module in list(sys.modules.items()):
        if name.startswith("click."):
            if getattr(module, "_", None) is gettext.gettext:
                module._ = translated  # type: ignore[attr-defined]
            if getattr(module, "ngettext", None) is gettext.ngettext:
                module.ngettext = translated_number  # type: ignore[attr-defined]


def translated(sentence: str) -> str:
    """What click wants to say, its places kept for it to fill."""
    key = SENTENCES.get(sentence)
    if key is None or language() == "en":
        return sentence
    return Sentence(say(key, **{match[1]: match[0] for match in _FIELD.finditer(sentence)}))


def translated_number(one: str, many: str, count: int) -> str:
    """The same of something that is counted."""
    is_one = count == 1 or (language() == "fr" and count == 0)
    return translated(one if is_one else many)
