"""`packdeck decode`: bytes in, named values out. Works without any device."""

import json
import sys
from typing import Any, NoReturn

import click

from tui.locale import say


@click.group(help="Explain recorded frames.")
def decode() -> None:
    """Group of languages."""


@decode.command("jbd", help="JBD: HEX of an answer, or --request and --response.")
@click.argument("frames", nargs=-1, metavar="HEX...")
@click.option("--request", "request_hex", metavar="HEX", help="What was asked.")
@click.option("--response", "response_hex", metavar="HEX", help="What came back.")
def decode_jbd(frames: tuple[str, ...], request_hex: str | None, response_hex: str | None) -> None:
    """JSON on standard output; exit 1 when a frame is damaged or says no, 2 when the HEX is none."""
    from tui.protocols.jbd_exchange import decode_exchange

    if not frames and response_hex is None:
        _refuse("decode-nothing")
    texts = [response_hex] if response_hex is not None else list(frames)
    request = _bytes(request_hex) if request_hex is not None else None
    results = [decode_exchange(request, _bytes(text)) for text in texts]
    click.echo(json.dumps(results[0] if len(results) == 1 else results, indent=2, ensure_ascii=False))
    sys.exit(1 if any(_is_bad(result) for result in results) else 0)


def _bytes(text: str) -> bytes:
    compact = "".join(text.replace("0x", "").replace(":", " ").split())
    try:
        return bytes.fromhex(compact)
    except ValueError:
        _refuse("decode-not-hex", text=text if len(text) <= 40 else text[:37] + "...")


def _is_bad(result: dict[str, Any]) -> bool:
    if "error" in result or "reason" in result or result.get("frames") == []:
        return True
    return any("error" in frame["decoded"] for frame in result.get("frames", []))


def _refuse(key: str, **args: str) -> NoReturn:
    click.echo(f"packdeck: {say(key, **args)}", err=True)
    sys.exit(2)
