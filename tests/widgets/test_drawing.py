"""What every drawing does with a new value: "never shows old values as new"."""

from textual.app import App, ComposeResult

from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row


class Word(Drawing[str]):
    """One word."""

    def draw(self, value: str, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """It."""
        return [row((value, "text"))]


class Words(App[None]):
    """The word, and one beside it."""

    def compose(self) -> ComposeResult:
        """Both."""
        yield Word("old")
        yield Word("other", id="other")


def painted(app: App[None]) -> str:
    """What is on the screen."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def test_a_value_that_came_while_it_was_hidden_is_on_show_afterwards() -> None:
    """Nobody has to show it once more when it has its size again."""
    async with Words().run_test(size=(40, 6)) as pilot:
        word = pilot.app.query_one(Word)
        assert "old" in painted(pilot.app)
        word.display = False
        await pilot.pause()
        word.show("new")
        word.display = True
        await pilot.pause()
        assert "new" in painted(pilot.app) and "old" not in painted(pilot.app)


async def test_a_value_that_comes_before_the_layout_is_on_show_after_it() -> None:
    async with Words().run_test(size=(40, 6)) as pilot:
        word = pilot.app.query_one(Word)
        word.display = False
        await pilot.pause()
        word.display = True
        word.show("new")
        await pilot.pause()
        assert "new" in painted(pilot.app) and "old" not in painted(pilot.app)
