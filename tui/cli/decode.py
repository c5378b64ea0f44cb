"""`packdeck decode`: bytes in, named values out. Works without any device."""

import json
import re
import sys
from typing import Any

import click

from tui.cli.click_words import Group
from tui.cli.refusal import FAILURE, USAGE, Refusal
from tui.locale import say

BETWEEN = re.compile(r"\b0[xX]|[\s:,;-]")  # what people and programs write around the digits of bytes
CAN_WORD = re.compile(r"([0-9A-Fa-f]{3}|[0-9A-Fa-f]{8})#([0-9A-Fa-f]{0,16})")
SHOWN = 40  # characters of a wrong word


@click.group(cls=Group, help=say("help-decode"))
def decode() -> None:
    """Group of languages."""


@decode.command("jbd", help=say("help-decode-jbd"))
@click.argument("words", nargs=-1, metavar="HEX...")
@click.option("--request", "request_hex", metavar="HEX", help=say("help-decode-request"))
@click.option("--response", "response_hex", metavar="HEX", help=say("help-decode-response"))
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


@decode.command("tinybms", help=say("help-decode-tinybms"))
@click.argument("words", nargs=-1, metavar="HEX...")
@click.option("--request", "request_hex", metavar="HEX", help=say("help-decode-request"))
@click.option("--response", "response_hex", metavar="HEX", help=say("help-decode-silence"))
def decode_tinybms(words: tuple[str, ...], request_hex: str | None, response_hex: str | None) -> None:
    """JSON on standard output; exit 1 when a frame is damaged or says no, 2 when the HEX is none."""
    from tui.protocols.tinybms_decode import decode_exchange

    if not words and response_hex is None and request_hex is None:
        raise Refusal(say("decode-nothing"), USAGE)
    if words and response_hex is not None:
        raise Refusal(say("decode-both"), USAGE)
    request = _bytes(request_hex) if request_hex is not None else None
    response = _bytes("".join(words)) if words else None
    if response_hex is not None:
        response = _bytes(response_hex)
    result = decode_exchange(request, response)
    click.echo(json.dumps(result, indent=2, ensure_ascii=False))
    sys.exit(FAILURE if "error" in result else 0)


@decode.command("can", help=say("help-decode-can"))
@click.argument("words", nargs=-1, metavar="ID#DATA...", required=True)
@click.option("--profile", default="", metavar="NAME", help=say("help-decode-profile"))
@click.option("--dbc", metavar="FILE", help=say("help-decode-dbc"))
def decode_can(words: tuple[str, ...], profile: str, dbc: str | None) -> None:
    """JSON on standard output; exit 1 when a frame cannot be explained, 2 when a word is no frame."""
    results = [_can(word, profile, dbc) for word in words]
    click.echo(json.dumps(results[0] if len(results) == 1 else results, indent=2, ensure_ascii=False))
    sys.exit(FAILURE if any("error" in result for result in results) else 0)


def _can(word: str, profile: str, dbc: str | None) -> dict[str, Any]:
    from tui.model.can import EXTENDED, NUMBER, id_words
    from tui.protocols.battery_can_decode import decode_frame

    match = CAN_WORD.fullmatch(word)
    if match is None or len(match[2]) % 2:
        raise Refusal(say("decode-not-can", text=word[:SHOWN]), USAGE)
    can_id = int(match[1], 16) | (EXTENDED if len(match[1]) > 3 else 0)
    data = bytes.fromhex(match[2])
    head = {
        "can_id": f"0x{id_words(can_id)}",
        "extended": bool(can_id & EXTENDED),
        "data_hex": data.hex().upper(),
    }
    if can_id & NUMBER > (0x1FFFFFFF if can_id & EXTENDED else 0x7FF):
        raise Refusal(say("decode-not-can", text=word[:SHOWN]), USAGE)
    decoded = decode_frame(can_id, data, profile)
    if decoded:
        return head | {"decoded": decoded}
    return head | _by_dbc(can_id, data, dbc)


def _by_dbc(can_id: int, data: bytes, dbc: str | None) -> dict[str, Any]:
    from tui.cli.refusal import refuse
    from tui.model.can import CanFrame
    from tui.model.link import Cause
    from tui.protocols.user_dbc import DbcError, UserDbc

    if dbc is None:
        return {"error": "unknown_id"}
    try:
        said = UserDbc(dbc).explain(CanFrame(0, can_id, data))
    except DbcError as error:
        args = (("file", dbc), ("line", str(error.line or "?")), ("reason", error.reason))
        raise refuse(Cause("dbc-unreadable", args)) from error
    return {"error": "unknown_id"} if said is None else {"name": said.name, "decoded": dict(said.fields)}


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
