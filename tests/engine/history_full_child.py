"""A keeper whose process may not write larger files for a while: what the kernel does on a full disk."""

import resource
import sys
from pathlib import Path

from tests.engine.test_history_keeper import Bench
from tui.store.database import RETRY_S

ROOM_BYTES = 400_000


def main() -> None:
    """Prints what was told, and how many samples there were at three times."""
    bench = Bench(Path(sys.argv[1]))
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM_BYTES, hard))
    rounds = 0
    while not bench.told:
        for _ in range(10):
            bench.read(current_a=float(rounds % 50))
        bench.keeper.settle()
        rounds += 1
        assert rounds < 3000, "the limit was never reached"
    during = len(bench.values("pack_v"))
    for _ in range(10):
        bench.read()
    database = bench.keeper._database
    assert database is not None
    assert not bench.keeper.settle()
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    database._clock = lambda: bench.clock() + RETRY_S
    database._retry_at_s = 0.0
    assert bench.keeper.settle()
    keys = [cause.key if cause else "over" for cause in bench.told]
    bench.again()
    print(*keys, during == rounds * 10, len(bench.values("pack_v")) == rounds * 10 + 10)
    bench.keeper.close()


if __name__ == "__main__":
    main()
