"""The command `packdeck`. This file must be readable for every Python 3, however old."""

import sys

# Row X-15. In both languages at once, because the part that knows languages needs a newer Python.
if sys.version_info < (3, 11):  # noqa: UP036 - the installer checks it too, but not everybody uses one
    sys.exit(
        "packdeck needs Python 3.11 or later; this is Python %d.%d. / "  # noqa: UP031
        "packdeck demande Python 3.11 ou plus recent ; ceci est Python %d.%d." % (sys.version_info[:2] * 2)
    )


def main() -> None:
    """Run the command line and end the process with its exit code."""
    from tui.cli.group import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
