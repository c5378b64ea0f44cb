"""The limits of a simulated pack follow the registers that were written into its board.

Until one is written, the limit is that of the chemistry: a board comes from the factory with values for
another one.
"""

from tui.model.register import Image
from tui.protocols.jbd_parameters import TABLE
from tui.protocols.parameters import value_of
from tui.simulator.protection import PackLimits

LIMITS = {
    "cell_overvoltage": "cell_high_mv",
    "cell_overvoltage_release": "cell_high_release_mv",
    "cell_undervoltage": "cell_low_mv",
    "cell_undervoltage_release": "cell_low_release_mv",
    "charge_overcurrent": "charge_a",
    "discharge_overcurrent": "discharge_a",
    "charge_undertemperature": "charge_low_c",
    "charge_overtemperature": "charge_high_c",
    "discharge_undertemperature": "discharge_low_c",
    "discharge_overtemperature": "discharge_high_c",
}


def follow(limits: PackLimits, number: int, image: Image) -> None:
    """Take the limit that this register holds now; other registers change nothing. mV, A and °C."""
    for register in TABLE.at(number):
        value = value_of(TABLE.effective(register, image), image[number])
        if register.key in LIMITS and isinstance(value, int | float):
            setattr(limits, LIMITS[register.key], float(value))
