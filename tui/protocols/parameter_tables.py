"""The tables of parameters that can be edited, by protocol."""

from collections.abc import Mapping

from tui.protocols.jbd_parameters import TABLE as JBD
from tui.protocols.parameters import Table
from tui.protocols.tinybms_parameters import TABLE as TINYBMS

TABLES: Mapping[str, Table] = {"jbd": JBD, "tinybms": TINYBMS}
