"""The command line, one word per file, loaded only when used."""
