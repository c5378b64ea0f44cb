"""The window between engine and screens."""
