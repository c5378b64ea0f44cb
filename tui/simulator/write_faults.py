"""How a simulated device can fail to do what it was told."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class WriteFaults:
    """What a board can do to a write, by register. Each acts until it is taken out."""

    refuse: dict[int, int] = field(default_factory=dict)  # with this status
    lose_ack: set[int] = field(default_factory=set)  # obeyed, and no answer
    ignore: set[int] = field(default_factory=set)  # not obeyed, and no answer
    clamp: dict[int, bytes] = field(default_factory=dict)  # acknowledged, and this is stored instead; once
    forget: set[int] = field(default_factory=set)  # works, until it should be saved
    reset_after: set[int] = field(default_factory=set)  # restarts behind the acknowledgement
