"""What is written to a terminal that reads, doesn't read or is gone; and what of Textual's driver that rests on.

A test here that turns red after an update of Textual says: read the cure's reason in `tui_client.terminal_driver` again.
"""

import inspect
import io
import os
import threading
from collections.abc import Iterator

import pytest
from textual.app import App
from textual.driver import Driver
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread
from textual.drivers.linux_driver import LinuxDriver

from tests.support.waiting import until
from tui_client.terminal_app import TerminalApp
from tui_client.terminal_driver import MAX_WAITING_WRITES, WRITE_BYTES, TerminalDriver, TerminalOutput

PIPE_BYTES = 65_536
PICTURE = "가" * PIPE_BYTES
"""More than a pipe holds."""


class Told:
    """A terminal, which is a pipe here, and what is told of it."""

    def __init__(self) -> None:
        self.end, inner = os.pipe()
        self.inner = inner
        self.heard: list[str] = []
        self.output = TerminalOutput(
            inner,
            on_behind=lambda: self.heard.append("behind"),
            on_caught_up=lambda: self.heard.append("caught up"),
            on_gone=self.heard.append,
        )

    def read(self, byte_count: int) -> str:
        data = b""
        while len(data) < byte_count:
            data += os.read(self.end, byte_count - len(data))
        return data.decode()

    def close(self) -> None:
        os.close(self.end)
        self.end = -1


@pytest.fixture
def terminal() -> Iterator[Told]:
    told = Told()
    yield told
    if told.end >= 0:
        told.close()  # whoever still writes to it ends by that
    told.output.finish()
    os.close(told.inner)


def write_much(terminal: Told) -> str:
    """More than may wait, and in which order it has to come."""
    pieces = [f"{number}:{PICTURE}" for number in range(MAX_WAITING_WRITES + 3)]
    for piece in pieces:
        terminal.output.write(piece)
    return "".join(pieces)


def test_all_is_written_in_order_and_waited_for(terminal: Told) -> None:
    for piece in ("가", "\x1b[?25l", "", "나"):
        terminal.output.write(piece)
    terminal.output.finish()
    assert terminal.read(12) == "가\x1b[?25l나"
    assert terminal.heard == []


def test_whoever_writes_to_a_terminal_that_does_not_read_is_told_and_does_not_wait(terminal: Told) -> None:
    write_much(terminal)
    assert terminal.heard == ["behind"]


def test_when_it_reads_again_nothing_is_missing_and_that_is_told(terminal: Told) -> None:
    written = write_much(terminal)
    assert terminal.read(len(written.encode())) == written
    until(lambda: terminal.heard == ["behind", "caught up"])


def test_that_it_has_caught_up_is_told_also_when_it_was_faster_than_the_telling(terminal: Told) -> None:
    """The last moment for that: all is written while it is being said that the terminal is behind."""

    def read_all_first() -> None:
        terminal.read(len("".join(pieces).encode()))
        looks = iter(range(20))
        until(lambda: next(looks, None) is None)  # the thread has long since found that nothing waits
        terminal.heard.append("behind")

    pieces = [PICTURE, *"가" * (MAX_WAITING_WRITES + 1)]
    terminal.output._on_behind = read_all_first
    terminal.output.write(PICTURE)
    until(lambda: terminal.output._waiting.empty())
    for piece in pieces[1:]:
        terminal.output.write(piece)
    until(lambda: terminal.heard == ["behind", "caught up"])


def test_terminal_that_is_gone_is_told_of_once_and_takes_the_rest_for_nothing(terminal: Told) -> None:
    terminal.close()
    write_much(terminal)
    until(lambda: "Broken pipe" in terminal.heard)
    write_much(terminal)
    terminal.output.finish()
    assert terminal.heard.count("Broken pipe") == 1


def test_terminal_that_takes_nothing_is_not_waited_for_in_the_end(
    terminal: Told, caplog: pytest.LogCaptureFixture
) -> None:
    write_much(terminal)
    terminal.output.finish()
    assert caplog.messages == ["the terminal has not read the last that was written to it"]


def test_terminal_that_reads_slowly_is_waited_for(terminal: Told) -> None:
    terminal.output.write(PICTURE)
    finishing = threading.Thread(target=terminal.output.finish)
    finishing.start()
    assert terminal.read(len(PICTURE.encode())) == PICTURE
    finishing.join(5)
    assert not finishing.is_alive()


def test_terminal_that_another_program_left_in_another_mode_still_gets_all(terminal: Told) -> None:
    os.set_blocking(terminal.inner, False)
    terminal.output.write(PICTURE)
    until(lambda: terminal.output._writes >= PIPE_BYTES // WRITE_BYTES)
    assert terminal.read(len(PICTURE.encode())) == PICTURE


# --- what is read -----------------------------------------------------------------------------------------------------


def test_only_the_end_of_the_input_is_taken_for_it() -> None:
    inner, outer = os.pipe()
    os.set_blocking(inner, False)
    driver = TerminalDriver.__new__(TerminalDriver)
    driver.fileno = inner
    assert driver._read() == b"", "another program was faster"
    os.write(outer, b"a")
    assert driver._read() == b"a"
    os.close(outer)
    with pytest.raises(EOFError, match="its input has ended"):
        driver._read()
    os.close(inner)
    with pytest.raises(EOFError, match="Bad file descriptor"):
        driver._read()


# --- what of Textual this rests on ------------------------------------------------------------------------------------


def test_app_takes_our_driver_for_a_terminal_and_any_other_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert TerminalApp[None]().driver_class is TerminalDriver
    assert "get_driver_class" in inspect.getsource(App.__init__)
    monkeypatch.setattr("textual.constants.DRIVER", "textual.drivers.headless_driver:HeadlessDriver")
    assert TerminalApp[None]().driver_class.__name__ == "HeadlessDriver"


def test_textual_still_takes_the_end_of_its_input_for_a_pause() -> None:
    """If this fails, Textual may have learnt to end, and our reading may go."""
    source = inspect.getsource(LinuxDriver.run_input_thread)
    assert (
        "if not unicode_data:\n                        # This can occur if the stdin is piped\n                        break"
        in source
    )
    assert (
        "while not self.exit_event.is_set():\n                process_selector_events(selector.select(0.1))" in source
    )
    assert "self.run_input_thread()" in inspect.getsource(LinuxDriver._run_input_thread)


def test_textual_still_has_whoever_draws_wait_for_the_terminal() -> None:
    """If this fails, Textual may have learnt not to, and our writing may go."""
    writer = WriterThread(io.StringIO())  # not started: nobody reads
    for _ in range(MAX_QUEUED_WRITES):
        writer.write("")
    assert writer._queue.full()


def test_textual_still_writes_in_one_place_which_is_ours() -> None:
    for name in ("write", "close", "start_application_mode", "resume_application_mode", "run_input_thread"):
        assert name in vars(TerminalDriver)
    used = inspect.getsource(LinuxDriver) + inspect.getsource(Driver)
    assert used.count("_writer_thread.") == used.count("_writer_thread.write(") + 2, "start and stop"
    assert used.count("_writer_thread.write(") == 1


def test_textual_still_begins_again_whenever_it_is_continued() -> None:
    """If this fails, our `resume_application_mode` may go."""
    assert "self.resume_application_mode()" in inspect.getsource(LinuxDriver._sigcont_application)
    assert inspect.getsource(Driver.resume_application_mode).rstrip().endswith("self.start_application_mode()")
