"""`packdeck decode`: bytes in, named values out. Works without any device."""

import json
import re
import sys
from typing import Any

import click

from tui.cli.refusal import FAILURE, USAGE, Refusal
from tui.locale import say

BETWEEN = re.compile(r"\b0[xX]|[\s:,;-]")  # what people and programs write around the digits of bytes
SHOWN = 40  # characters of a wrong word


@click.group(help="Explain recorded frames.")
def decode() -> None:
    """Group of languages."""


@decode.command("jbd", help="JBD: HEX of an answer, or --request and --response.")
@click.argument("words", nargs=-1, metavar="HEX...")
@click.option("--request", "request_hex", metavar="HEX", help="What was asked.")
@click.option("--response", "response_hex", metavar="HEX", help="What came back.")
def decode_jbd(words: tuple[str, ...], request_hex: str | None, response_hex: str | None) -> None:
    """JSON on standard output; exit 1 when a frame is damaged or says no, 2 when the HEX is none."""
    from tui.protocols.jbd_exchange import decode_exchange

    if not words and response_hex is None:
        raise Refusal(say("decode-nothing"), USAGE)
    if words and response_hex is not None:
        raise Refusal(say("decode-both"), USAGE)
    request = _bytes(request_hex) if request_hex is not None else None
    responses = _responses(words) if response_hex is None else [_bytes(response_hex)]
    results = [decode_exchange(request, response) for response in responses]
    click.echo(json.dumps(results[0] if len(results) == 1 else results, indent=2, ensure_ascii=False))
    sys.exit(FAILURE if any(_is_bad(result) for result in results) else 0)


def _responses(words: tuple[str, ...]) -> list[bytes]:
    """One response for each word; but unquoted bytes are words, too, and belong together."""
    from tui.protocols.jbd_exchange import is_whole

    responses: list[bytes] = []
    for word in words:
        data = _bytes(word)
        if responses and not is_whole(data) and not is_whole(responses[-1]):
            responses[-1] += data
        else:
            responses.append(data)
    return responses


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(BETWEEN.sub("", text))
    except ValueError:
        shown = text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
        raise Refusal(say("decode-not-hex", text=shown), USAGE) from None


def _is_bad(result: dict[str, Any]) -> bool:
    if "error" in result or "reason" in result:
        return True
    return any("error" in frame["decoded"] for frame in result.get("frames", []))
