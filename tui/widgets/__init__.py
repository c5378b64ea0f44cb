"""One drawing per file: gets a value, draws it, fetches nothing."""
