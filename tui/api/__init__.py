"""Doors for other programs; asyncio, one thread."""
