"""The heart: threads, time, state."""
