"""The end that somebody asks for comes, whichever thread the system tells it to."""

import signal
import subprocess
import sys

import pytest

TOLD_ELSEWHERE = """
import signal, sys, threading, time
from tui.cli.signals import until_told, wait_for

told = until_told("SIGTERM")
main = threading.main_thread()

def tell():
    while "wait" not in str(sys._current_frames()[main.ident].f_code.co_name):  # not before it waits
        time.sleep(0.01)
    time.sleep(0.1)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    threading.Event().wait(60)

threading.Thread(target=tell, daemon=True).start()
wait_for(told)
print("ended")
"""


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals to a thread here")
def test_a_signal_that_another_thread_gets_ends_the_wait() -> None:
    """Python runs its handler in the main thread, and that must not sleep on."""
    done = subprocess.run(
        [sys.executable, "-c", TOLD_ELSEWHERE], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "ended\n", done.stderr
