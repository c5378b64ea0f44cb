"""Which language a battery on a serial line speaks, when nobody has said it. Pure."""

from dataclasses import dataclass, replace

from tui.model.track import Setup

AUTO = "auto"
BAUDRATES = {"jbd": 9600, "tinybms": 115_200}
CANDIDATES = tuple(BAUDRATES)
ONLY = {"can": "can", "ble": "jbd"}  # wires on which there is no choice
# A sleeping board loses the first request: JBD answers the second one after a second, TinyBMS after 0.2 s.
TRY_S = 2.6


@dataclass(slots=True)
class Recogniser:
    """Tries one language after the other until one is answered."""

    setup: Setup
    tried: int = 0
    is_found: bool = False

    @property
    def is_searching(self) -> bool:
        """True while nothing has answered and there is a choice."""
        return self.setup.protocol == AUTO and not self.is_found and self.setup.transport not in ONLY

    @property
    def speaks(self) -> Setup:
        """The setup with the language to speak now, and with its speed."""
        protocol = self.setup.protocol
        if protocol == AUTO:
            only = ONLY.get(self.setup.transport)
            protocol = only or CANDIDATES[self.tried % len(CANDIDATES)]
        return replace(
            self.setup, protocol=protocol, baudrate=self.setup.baudrate or BAUDRATES.get(protocol, 0)
        )

    @property
    def rounds(self) -> int:
        """How often every language was tried in vain."""
        return self.tried // len(CANDIDATES)

    def next(self) -> None:
        """This one was not answered."""
        self.tried += 1

    def found(self) -> None:
        """This one was."""
        self.is_found = True

    def again(self) -> None:
        """Another battery may be there now."""
        self.is_found = False
