"""What all tests share: accepted pictures, a fixed time zone, and one language to begin with."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.quiet import quiet_pilots
from tui.locale import use

PICTURES = Path(__file__).parent / "pictures"

# An example takes as long as a busy machine needs: no test has a limit in seconds.
settings.register_profile("packdeck", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("packdeck")

LooksTheSame = Callable[[str, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--accept` takes the pictures of today as right: look at them first."""
    parser.addoption("--accept", action="store_true", help="accept the pictures as they are now")


@pytest.fixture(autouse=True, scope="session")
def _fixed_time_zone() -> Iterator[None]:
    """Times of day in pictures do not depend on where the tests run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        if hasattr(time, "tzset"):
            time.tzset()
        yield


@pytest.fixture(autouse=True, scope="session")
def _quiet_screens() -> Iterator[None]:
    """A pilot waits for a screen that has nothing left to do, not for an idle processor."""
    with quiet_pilots():
        yield


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Every test begins in English, whatever the one before it spoke."""
    use("en")
    yield
    use("en")


@pytest.fixture
def looks_the_same(request: pytest.FixtureRequest) -> LooksTheSame:
    """Compare a picture (SVG text) with the accepted one of that name, a path below tests/pictures."""

    def check(svg: str, name: str) -> None:
        path = PICTURES / f"{name}.svg"
        if request.config.getoption("--accept"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(svg, encoding="utf-8")
        assert path.exists(), f"no accepted picture {path}: look at it, then run with --accept"
        if svg != path.read_text(encoding="utf-8"):
            seen = path.with_suffix(".seen.svg")
            seen.write_text(svg, encoding="utf-8")
            pytest.fail(f"{path.name} looks different: compare it with {seen.name}")

    return check
