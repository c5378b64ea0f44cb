"""Devices that do not exist, behind real wires."""
