"""Ctrl+C while a process is being started: who starts it knows it only afterwards, and nobody else would ever end it."""

import signal
from threading import current_thread, main_thread
from types import FrameType, TracebackType
from typing import Final, Self

_INTERRUPTS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class HeldBack:
    """What interrupts the main thread comes no sooner than at `release`, or at the end."""

    def __init__(self) -> None:
        self._came: list[signal.Signals] = []
        numbers = _INTERRUPTS if current_thread() is main_thread() else ()  # no other thread is interrupted
        handlers = {number: signal.getsignal(number) for number in numbers}
        self._handlers = {number: handler for number, handler in handlers.items() if callable(handler)}

    def __enter__(self) -> Self:
        for number in self._handlers:
            signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Let come what has come meanwhile."""
        while self._handlers:
            signal.signal(*self._handlers.popitem())
        while self._came:
            signal.raise_signal(self._came.pop())

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._came.append(signal.Signals(number))
