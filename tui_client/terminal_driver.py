"""The terminal itself: its keys read and its pictures written, and noticed when it goes away or stops reading.

Textual's driver takes the end of the input for a pause and asks again for ever; what writes for it dies with the terminal, and
whoever draws then waits for it for ever, as they do while a terminal doesn't read. So both ends are done here instead: the keys
on Textual's thread for them, the pictures on one of ours, signals on another. Nobody waits for the terminal but these, and any of
them that finds it gone has the app end.

The names of Textual touched here hold for the minor version in pyproject.toml; tests/tui/test_terminal_driver.py turns red when
one of them changes its meaning. Imported by `terminal_app` where there are terminals of this kind: Windows has none.
"""

import contextlib
import logging
import os
import select
import selectors
import shutil
import signal
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final

from textual.app import App, ReturnType
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui_client.bracketed_paste import PasteParser

logger = logging.getLogger(__name__)

LEAVING_S: Final = 5.0
"""What leaving may take when nobody is there to wait for it: more than twice what saying goodbye to the server may."""

UNSIZED: Final = (80, 25)
"""`rich.console.Console.size` without a better answer."""

LAST_WORDS_S: Final = 1.0
"""A terminal that takes nothing for so long while the app ends is not waited for: the others are still told goodbye."""

MAX_WAITING_WRITES: Final = 12
"""Four pictures: a terminal that has so much before it is given no more until it has read them."""

ESCAPE_S: Final = 0.1
"""How often the input is looked at when nothing comes: an Esc that stands alone is known by the time that follows it."""

READ_BYTES: Final = 4096
WRITE_BYTES: Final = 4096
"""What a terminal takes at once: one that is read slowly can be told from one that isn't read at all."""

LEAVING_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)


def leave(app: App[ReturnType]) -> None:
    """End `app` in the orderly way, and the process in any case: also while the UI thread is stuck. From any thread."""
    last_resort = threading.Timer(LEAVING_S, os._exit, (0,))
    last_resort.daemon = True
    last_resort.start()
    with contextlib.suppress(RuntimeError):  # the loop is closed: it has ended already
        app.exit(None, 0)


def leave_on_signals(app: App[ReturnType]) -> None:
    """Have `app` end when somebody ends the program from outside. On the main thread.

    What Python and asyncio run for a signal waits for the main thread. So here the interpreter only notes the signal's number
    (in a pipe, from within the kernel's call), and a thread that does nothing else acts on it.
    """
    noted, note = os.pipe()
    os.set_blocking(note, False)
    signal.set_wakeup_fd(note, warn_on_full_buffer=False)
    for number in LEAVING_SIGNALS:
        signal.signal(number, lambda *_: None)

    def listen() -> None:
        while not set(os.read(noted, READ_BYTES)).intersection(LEAVING_SIGNALS):
            """Other signals are noted too."""
        leave(app)

    threading.Thread(target=listen, name="signals", daemon=True).start()


class TerminalDriver(LinuxDriver):
    """Textual's driver, which survives its terminal, and tells the app when pictures are not being read."""

    class FellBehind(Message, bubble=False):
        """The terminal doesn't read: what is drawn now would only have to wait."""

    class CaughtUp(Message, bubble=False):
        """The terminal has read all there was."""

    _output: "TerminalOutput | None" = None
    _is_gone = False

    def _get_terminal_size(self) -> tuple[int, int]:
        """Of a terminal that has not been told its size, the one that rich takes it for, and Textual with it: where the two differ, the
        screen is laid out without end."""
        return shutil.get_terminal_size(UNSIZED)

    # --- what goes out ------------------------------------------------------------------------------------------------

    def start_application_mode(self) -> None:
        assert self._file is not None  # it is a terminal
        self._output = TerminalOutput(
            self._file.fileno(),
            on_behind=lambda: self._tell(self.FellBehind()),
            on_caught_up=lambda: self._tell(self.CaughtUp()),
            on_gone=self._vanish,
        )
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def write(self, data: str) -> None:
        if self._output is not None:
            self._output.write(data)

    def close(self) -> None:
        if self._output is not None:
            self._output.finish()
            self._output = None
        super().close()

    def resume_application_mode(self) -> None:
        """Textual begins again whenever the program is continued, also if it was never stopped.

        The kernel continues whoever loses their terminal, as anybody may. Then two threads would read, of which leaving ends one.
        """
        if self._output is not None:
            self.suspend_application_mode()
        if not self._is_gone:
            super().resume_application_mode()
            self._app.call_later(self._app.refresh)  # what was drawn before is not there any more

    def _tell(self, message: Message) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: there is nobody left to be told
            self._app.post_message(message)

    # --- what comes in ------------------------------------------------------------------------------------------------

    def run_input_thread(self) -> None:
        """Textual's, but that the end of the input is one, and what is no text or no key costs no more than itself."""
        self._parser = PasteParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:  # on macOS, the others know no terminals
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(ESCAPE_S):
                    try:
                        text = decode(self._read())
                    except EOFError as end:
                        self._vanish(str(end))
                        return
                    if text:
                        self._feed(text)
                for event in self._parser.tick():
                    self.process_message(event)

    def _feed(self, text: str) -> None:
        """Textual stumbles over keys with numbers that are none, or none of a character; that would end the chat."""
        try:
            for event in self._parser.feed(text):
                self.process_message(event)
        except (ValueError, OverflowError) as error:
            logger.warning("the terminal has sent what is no key: %s", error)
            self._parser = PasteParser(self._debug)

    def _read(self) -> bytes:
        """What has come, which may be nothing after all. Raises EOFError, with the reason, if nothing will ever again."""
        try:
            data = os.read(self.fileno, READ_BYTES)
        except BlockingIOError:  # another program of this terminal was faster
            return b""
        except OSError as error:
            raise EOFError(error.strerror) from None
        if not data:
            raise EOFError("its input has ended")
        return data

    def _vanish(self, how: str) -> None:
        """Nobody is left to show anything to. Called on the thread that has found out."""
        if not self._is_gone:
            self._is_gone = True
            logger.warning("the terminal is gone: %s", how)
            leave(self._app)


class TerminalOutput:
    """Writes on a thread of its own, so that nobody else ever waits for the terminal.

    It goes round Python's files: a thread that is stuck in one holds its lock, and the interpreter can't end without that.
    `on_behind` is called when more is waiting than is good, on the thread that writes; then `on_caught_up` when all of it is
    written, and `on_gone` with the reason once nothing can be any more, both on this one.
    """

    def __init__(
        self,
        descriptor: int,
        *,
        on_behind: Callable[[], None],
        on_caught_up: Callable[[], None],
        on_gone: Callable[[str], None],
    ) -> None:
        self._descriptor = descriptor
        self._on_behind, self._on_caught_up, self._on_gone = on_behind, on_caught_up, on_gone
        self._waiting: SimpleQueue[str | None] = SimpleQueue()
        """Of this kind because handlers of signals write too, wherever they come between; None is the end."""
        self._is_behind = False
        self._is_gone = False
        self._writes = 0
        """How often something was taken."""
        self._thread = threading.Thread(target=self._run, name="terminal-output", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        """Hand `text` over; returns at once."""
        self._waiting.put(text)
        if not self._is_behind and self._waiting.qsize() > MAX_WAITING_WRITES:
            self._on_behind()
            self._is_behind = True
            # All may have been written in the meantime: the thread has to look once more, or it would never say so.
            self._waiting.put("")

    def finish(self) -> None:
        """Wait until all is written, as long as the terminal takes any of it."""
        self._waiting.put(None)
        before = -1
        while self._thread.is_alive() and self._writes != before:
            before = self._writes
            self._thread.join(LAST_WORDS_S)
        if self._thread.is_alive():
            logger.warning("the terminal has not read the last that was written to it")

    def _run(self) -> None:
        has_more = True
        while has_more:
            text, has_more = self._take()
            self._write_all(memoryview(text.encode("utf-8", "replace")))
            if self._is_behind and self._waiting.empty():
                self._is_behind = False
                self._on_caught_up()

    def _take(self) -> tuple[str, bool]:
        """All that waits, once anything does, and whether more will follow."""
        pieces: list[str] = []
        while not pieces or not self._waiting.empty():
            piece = self._waiting.get()
            if piece is None:
                return "".join(pieces), False
            pieces.append(piece)
        return "".join(pieces), True

    def _write_all(self, data: memoryview) -> None:
        while data and not self._is_gone:
            try:
                data = data[os.write(self._descriptor, data[:WRITE_BYTES]) :]
            except BlockingIOError:  # another program of this terminal has left it so
                select.select([], [self._descriptor], [])
            except OSError as error:
                self._is_gone = True
                self._on_gone(error.strerror or "")
            self._writes += 1
