"""Somebody else's program as a client: lines into its standard input, lines out of its standard output."""

import contextlib
import os
import subprocess
import termios
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from tests.support.lines import ReceivedLines
from tests.support.waiting import DEADLINE_S

_LOCAL_MODES = 3


class ProcessClient:
    """A running program whose standard input stays open until `finish_input` or the end of the test.

    With `terminal` it sits at a pseudo terminal without echo, else between two pipes.
    """

    def __init__(self, arguments: Sequence[str], *, terminal: bool = False) -> None:
        self.received = ReceivedLines()
        inner_input, inner_output, self._input, self._output = _terminal_ends() if terminal else _pipe_ends()
        self._process = subprocess.Popen(
            arguments, stdin=inner_input, stdout=inner_output, stderr=inner_output, start_new_session=True
        )
        os.close(inner_input)
        os.close(inner_output)
        self._reader = threading.Thread(target=self._read, name="test-process-reader", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join()
        self.finish_input()
        os.close(self._output)

    @property
    def lines(self) -> list[str]:
        return self.received.lines

    def send_line(self, text: str) -> None:
        os.write(self._input, text.encode() + b"\n")

    def finish_input(self) -> None:
        """Let the program see the end of its input."""
        if self._input >= 0:
            os.close(self._input)
        self._input = -1

    def wait_for_line(self, wanted: str | Callable[[str], bool], timeout_s: float = DEADLINE_S) -> str:
        return self.received.wait_for(wanted, timeout_s)

    def wait_until_ended(self, timeout_s: float = DEADLINE_S) -> None:
        self.received.wait_until_ended(timeout_s)
        self._process.wait(timeout_s)

    def _read(self) -> None:
        # A pseudo terminal that nobody holds any more says EIO where a pipe would say end of file.
        with contextlib.suppress(OSError):
            while data := os.read(self._output, 65536):
                self.received.feed(data)
        self.received.end()


def _pipe_ends() -> tuple[int, int, int, int]:
    """The program's input and output, then our ends of them."""
    inner_input, outer_input = os.pipe()
    outer_output, inner_output = os.pipe()
    return inner_input, inner_output, outer_input, outer_output


def _terminal_ends() -> tuple[int, int, int, int]:
    outer, inner = os.openpty()
    modes = termios.tcgetattr(inner)
    modes[_LOCAL_MODES] &= ~termios.ECHO
    termios.tcsetattr(inner, termios.TCSANOW, modes)
    return inner, os.dup(inner), outer, os.dup(outer)
