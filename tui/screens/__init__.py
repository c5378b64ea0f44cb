"""One place per file, its .tcss beside it."""
