"""`python -m tests`: every check of the project, in the order in which a failure is cheapest to find."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SCREENS = ("tests/screens", "tests/widgets")
REST = tuple(f"--ignore={folder}" for folder in SCREENS)
CHECKS = (
    ("format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("lint", [str(BIN / "ruff"), "check", "."]),
    ("types", [str(BIN / "mypy")]),
    ("floors", [str(BIN / "lint-imports")]),
    # Screens only compute; the others wait for programs and wires, so more of them than processors pay off.
    # In the order of their names, because then the few that take long, those of whole programs, begin early.
    ("screens", [sys.executable, "-m", "pytest", *SCREENS, "-n", "auto"]),
    (
        "tests",
        [sys.executable, "-m", "pytest", *REST, "-n", "6", "--dist", "loadfile", "--no-loadscope-reorder"],
    ),
)


def main() -> int:
    """Run all checks even when one fails, so that one run tells everything. 0 when all passed."""
    failed = []
    for name, command in CHECKS:
        print(f"== {name}", flush=True)
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
