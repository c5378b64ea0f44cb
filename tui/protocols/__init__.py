"""Languages: bytes in, readings out; no socket, clock or thread."""
