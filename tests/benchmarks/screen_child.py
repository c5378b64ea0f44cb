"""What a screen benchmark runs in a pseudo-terminal: `KIND PACKS CELLS RATE_HZ`.

Kinds: `bare` (a Textual app with one line), `naive` (one Static for each value), or a place of packdeck.
"""

import sys


def main() -> None:
    """Run the app of the kind named on the command line."""
    kind, packs, cells, rate_hz = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    if kind == "bare":
        _bare()
    elif kind == "naive":
        _naive(packs, cells, rate_hz)
    else:
        _packdeck(kind, packs, cells, rate_hz)


def _bare() -> None:
    from textual.app import App, ComposeResult
    from textual.widgets import Static

    class Bare(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("PAINTED")

    Bare().run()


def _naive(packs: int, cells: int, rate_hz: float) -> None:
    """The obvious way: a Static for every value, all updated at every look."""
    from textual.app import App, ComposeResult
    from textual.containers import Horizontal, Vertical
    from textual.widgets import Static

    from tests.benchmarks.moving import MovingFeed

    feed = MovingFeed(packs, cells, rate_hz)

    class Naive(App[None]):
        CSS = "Static { height: 1; } Vertical { width: 1fr; }"

        def compose(self) -> ComposeResult:
            yield Static("PAINTED")
            with Horizontal():
                for p in range(packs):
                    with Vertical():
                        for name in ("volts", "amps", "watts", "soc", "left", "temps", "switches", "spread"):
                            yield Static("", id=f"{name}{p}")
                        for c in range(cells):
                            yield Static("", id=f"cell{p}-{c}")

        def on_mount(self) -> None:
            self.set_interval(1 / 8, self.look)

        def look(self) -> None:
            for p, track in enumerate(feed.fleet().tracks):
                pack, mv = track.pack, track.cells.mv
                texts = {
                    "volts": f"{pack.pack_v:.2f} V",
                    "amps": f"CHARGE {pack.current_a:.1f} A",
                    "watts": f"{pack.power_w:.0f} W",
                    "soc": f"{pack.soc_pct} %" + "#" * 20,
                    "left": f"{track.hours_left:.2f} h",
                    "temps": str(pack.temperatures_c),
                    "switches": f"{pack.charge_on} {pack.discharge_on}",
                    "spread": f"{track.cells.spread_mv} mV",
                }
                for name, text in texts.items():
                    self.query_one(f"#{name}{p}", Static).update(text)
                for c, v in enumerate(mv):
                    bar = "█" * ((v - 3300) // 2)
                    self.query_one(f"#cell{p}-{c}", Static).update(f"{c + 1:2d} {v / 1000:.3f} V {bar}")

    Naive().run()


def _packdeck(place: str, packs: int, cells: int, rate_hz: float) -> None:
    from tests.benchmarks.moving import MovingFeed
    from tui.app import PackdeckApp
    from tui.model.settings import ScreenSettings

    PackdeckApp(MovingFeed(packs, cells, rate_hz), settings=ScreenSettings(language="en"), start=place).run()


if __name__ == "__main__":
    main()
