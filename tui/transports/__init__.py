"""Wires: open, read, write, close; they know no language."""
