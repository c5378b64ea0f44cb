"""Places that are worth a look without any track: that is how the first one comes to be, or is missed."""

from tui.screens.screen import Look, Place
from tui.widgets.hint_bar import HintBar
from tui.widgets.no_tracks import NoTracks
from tui.widgets.tiny_view import TinyView


class StandsAlone(Place):
    """Draws its body also while there is no track, as long as there is an engine."""

    def look(self, look: Look) -> None:
        """Without tracks the body as well."""
        super().look(look)
        if not (self.is_mounted and self.is_attached):
            return
        alone = not look.fleet.tracks and look.fleet.engine.attached and not self.query_one(TinyView).display
        self._stand_alone(alone)
        if alone:
            self.draw(look)

    def _stand_alone(self, alone: bool) -> None:
        """Without tracks the style sheet hides the body of every place; this one has its own reason to be."""
        for widget, display in (
            (self.query_one("#body"), "block"),
            (self.query_one(HintBar), "block"),
            (self.query_one(NoTracks), "none"),
        ):
            if alone:
                widget.styles.display = display
            else:
                widget.styles.inline.clear_rule("display")
