"""What is kept of unsent messages when clients end, however they end, and what is said when it can't be kept."""

import errno
import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support.server_process import REPOSITORY
from tui_client import strings
from tui_client.letter_file import BEGUN_ANEW_BYTES, SUFFIX, Gone, Kept, Letter, LetterFile, decode, encode
from tui_client.outbox import Outbox

SERVER = "127.0.0.1:12345"
AT = 1_700_000_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that isn't there yet."""
    return tmp_path / "state" / "outbox"


class Clients:
    """Clients that run at the same time or one after the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = ExitStack()

    def open(self, client: str = "영희", server: str = SERVER) -> tuple[Outbox, list[str]]:
        """A client that starts, and the texts that it finds."""
        outbox = Outbox(self._folder, server)
        self._running.callback(outbox.close)
        return outbox, [letter.text for letter in outbox.take_up(client)]

    def left(self, client: str = "영희", server: str = SERVER) -> list[str]:
        """What a client that starts now would find; it leaves it there."""
        outbox, texts = self.open(client, server)
        outbox.close()
        return texts

    def close(self) -> None:
        self._running.close()


@pytest.fixture
def clients(folder: Path) -> Iterator[Clients]:
    made = Clients(folder)
    yield made
    made.close()


def letter(cid: str, text: str = "안녕", to: str = "", to_uid: str = "", code: str = "", reason: str = "") -> Letter:
    return Letter(cid, text, AT, to, to_uid, code, reason)


def die(outbox: Outbox) -> None:
    """End as kill -9 ends: the descriptors are closed, and nothing else happens."""
    for file in [outbox._file, *(file for file, _ in outbox._held)]:
        if file is not None:
            file.close()
    outbox._file, outbox._held = None, []


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


# --- from one run to the next -----------------------------------------------------------------------------------------


def test_what_was_not_settled_is_found_by_the_next_run_in_order(clients: Clients) -> None:
    outbox, _ = clients.open()
    for number in range(3):
        outbox.keep(letter(f"c{number}", str(number)))
    outbox.settle("c1")
    die(outbox)
    assert clients.left() == ["0", "2"]
    assert clients.left() == ["0", "2"], "and by the one after that"


def test_everything_of_a_letter_is_kept(clients: Clients) -> None:
    outbox, _ = clients.open()
    kept = [letter("c1", "두\n줄 \u2028 👋"), letter("c2", "비밀", to="철수", to_uid="b" * 16, code="x", reason="까닭")]
    for one in kept:
        outbox.keep(one)
    die(outbox)
    again, _ = clients.open()
    assert again.letters == kept


def test_nothing_is_left_behind_when_nothing_is_unsent(folder: Path, clients: Clients) -> None:
    outbox, _ = clients.open()
    assert files(folder) == []
    outbox.keep(letter("c1"))
    outbox.settle("c1")
    assert [file.stat().st_size for file in files(folder)] == [0]
    outbox.close()
    assert files(folder) == []


def test_file_of_a_killed_client_that_had_nothing_unsent_is_cleared_away(folder: Path, clients: Clients) -> None:
    outbox, _ = clients.open()
    outbox.keep(letter("c1"))
    outbox.settle("c1")
    die(outbox)
    assert (clients.left(), files(folder)) == ([], [])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_files_are_private(folder: Path, clients: Clients) -> None:
    clients.open()[0].keep(letter("c1"))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in files(folder)} == {0o600}


def test_what_failed_stays_in_its_place_and_what_is_sent_again_goes_behind(clients: Clients) -> None:
    outbox, _ = clients.open()
    for number in range(3):
        outbox.keep(letter(f"c{number}", str(number)))
    outbox.keep(letter("c0", "0", code="too_long", reason="너무 깁니다."))
    assert [one.cid for one in outbox.letters] == ["c0", "c1", "c2"]
    outbox.keep(letter("c0", "0"), instead_of="c0")
    outbox.keep(letter("c9", "1"), instead_of="c1")
    die(outbox)
    again, _ = clients.open()
    assert [one.cid for one in again.letters] == ["c2", "c0", "c9"]


def test_file_does_not_grow_for_ever(folder: Path, clients: Clients) -> None:
    outbox, _ = clients.open()
    outbox.keep(letter("failed", "실패", code="too_long", reason="너무 깁니다."))
    for number in range(400):
        outbox.keep(letter(f"c{number}", "가" * 1000))
        outbox.settle(f"c{number}")
    assert [file.stat().st_size < BEGUN_ANEW_BYTES + 4096 for file in files(folder)] == [True]
    die(outbox)
    assert clients.left() == ["실패"]


# --- several clients --------------------------------------------------------------------------------------------------


def test_window_that_is_open_keeps_its_letters_to_itself(clients: Clients) -> None:
    first, _ = clients.open()
    first.keep(letter("c1", "첫 창"))
    second, found = clients.open()
    assert found == []
    second.keep(letter("c2", "둘째 창"))
    die(first)
    die(second)
    assert sorted(clients.left()) == ["둘째 창", "첫 창"]


def test_what_belongs_to_another_nickname_or_server_waits_for_it(clients: Clients) -> None:
    for client, server in (("영희", SERVER), ("철수", SERVER), ("영희", "other:1")):
        outbox, _ = clients.open(client, server)
        outbox.keep(
            letter(f"c{client}{server}"[:9].encode("ascii", "replace").decode() + server[:5], f"{client} {server}")
        )
        die(outbox)
    outbox, found = clients.open("영희")
    assert (found, outbox.elsewhere) == ([f"영희 {SERVER}"], {"철수": 1})
    assert clients.left("철수") == [f"철수 {SERVER}"]
    assert clients.left("영희", "other:1") == ["영희 other:1"]


def test_what_was_refused_under_another_nickname_does_not_wait_to_be_sent(clients: Clients) -> None:
    left, _ = clients.open("철수")
    left.keep(letter("failed", "거절된 말", code="no_such_nick", reason="없습니다."))
    left.keep(letter("waiting", "기다리는 말"))
    die(left)
    outbox, _ = clients.open("영희")
    assert (outbox.elsewhere, outbox.failed_elsewhere) == ({"철수": 1}, {"철수": 1})
    assert strings.left_elsewhere({}, outbox.failed_elsewhere).count("보냅니다") == 0


def test_spellings_of_one_nickname_find_the_same(clients: Clients) -> None:
    outbox, _ = clients.open("Tom")
    outbox.keep(letter("c1"))
    die(outbox)
    assert clients.left("ｔＯＭ") == ["안녕"]


def test_who_becomes_somebody_else_gives_back_what_was_found_and_takes_along_what_was_written(
    folder: Path, clients: Clients
) -> None:
    before, _ = clients.open("영희")
    before.keep(letter("c1", "영희가 남긴 것"))
    die(before)
    outbox, _ = clients.open("영희")
    outbox.keep(letter("c2", "방금"))
    assert [one.text for one in outbox.take_up("영이")] == []
    assert [one.text for one in outbox.letters] == ["방금"]
    assert clients.left("영희") == ["영희가 남긴 것"], "while the other one is still open"
    assert sum("영희가 남긴 것" in file.read_text("utf-8") for file in files(folder)) == 1, "and nowhere else"
    die(outbox)
    assert clients.left("영이") == ["방금"]


def test_who_becomes_somebody_else_keeps_nothing_of_what_was_given_back(folder: Path, clients: Clients) -> None:
    before, _ = clients.open("영희")
    before.keep(letter("c1", "영희가 남긴 것"))
    die(before)
    outbox, _ = clients.open("영희")
    outbox.take_up("영이")
    assert sum("영희가 남긴 것" in file.read_text("utf-8") for file in files(folder)) == 1


def test_letter_that_is_in_two_files_is_found_once(folder: Path, clients: Clients) -> None:
    for name in (
        "a",
        "b",
    ):  # a client died after having written its own file, before it deleted the one that it took up
        LetterFile.create(folder, name, [Kept(SERVER, "영희", letter("c1"))]).close()
    assert clients.left() == ["안녕"]


def test_clients_that_start_at_once_take_each_letter_once(folder: Path) -> None:
    for number in range(20):
        LetterFile.create(folder, f"{number:02}", [Kept(SERVER, "영희", letter(f"c{number}"))]).close()
    code = (
        "import sys; from pathlib import Path; from tui_client.outbox import Outbox\n"
        f"outbox = Outbox(Path(sys.argv[1]), {SERVER!r})\n"
        "print(*(letter.cid for letter in outbox.take_up('영희')), flush=True); sys.stdin.read()"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, folder],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    lines = [process.stdout.readline() for process in started if process.stdout]
    for process in started:
        process.communicate()
    assert sorted(" ".join(lines).split()) == sorted(f"c{number}" for number in range(20))


def test_killed_process_leaves_everything_that_it_has_kept(folder: Path, clients: Clients) -> None:
    code = (
        "import sys; from pathlib import Path; from tui_client.outbox import Letter, Outbox\n"
        f"outbox = Outbox(Path(sys.argv[1]), {SERVER!r}); outbox.take_up('영희')\n"
        "for number in range(10**9):\n"
        "    outbox.keep(Letter(f'c{number}', str(number), 0))\n"
        "    print(number, flush=True)\n"
        "    if number % 3 == 1: outbox.settle(f'c{number}')"
    )
    process = subprocess.Popen([sys.executable, "-c", code, folder], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    told = [int(process.stdout.readline()) for _ in range(500)]
    process.send_signal(signal.SIGKILL)
    told += [int(line) for line in process.stdout.read().split()]
    process.wait()
    found = [int(text) for text in clients.left()]
    assert found == sorted(found)
    assert {number for number in told if number % 3 != 1} <= set(found)


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_torn_last_line_is_named_and_everything_before_it_is_found(folder: Path, clients: Clients) -> None:
    outbox, _ = clients.open()
    outbox.keep(letter("c1", "하나"))
    outbox.keep(letter("c2", "둘"))
    die(outbox)
    (path,) = files(folder)
    path.write_bytes(path.read_bytes()[:-5])
    again, found = clients.open()
    (aside,) = folder.glob("*.damaged")
    assert (found, again.take_notices()) == (["하나"], [strings.outbox_damaged(1, str(aside))])
    assert "둘" in aside.read_text(encoding="utf-8"), "a person can still read it there"
    die(again)
    assert clients.left() == ["하나"]


def test_damage_costs_nobody_else_their_letters(folder: Path, clients: Clients) -> None:
    mine, other = (
        encode(Kept(SERVER, client, letter(client[:0] + cid))) for client, cid in (("영희", "c1"), ("철수", "c2"))
    )
    folder.mkdir(parents=True)
    (folder / f"x{SUFFIX}").write_bytes(mine + b"\x00\xff nonsense\n" + other)
    assert (clients.left("영희"), clients.left("철수")) == (["안녕"], ["안녕"])


@given(st.data())
def test_whatever_befalls_a_file_every_line_is_found_or_counted(data: st.DataObject) -> None:
    records = [Kept(SERVER, "영희", letter(f"c{number}", str(number))) for number in range(5)]
    lines = [encode(record) for record in records]
    content = bytearray(b"".join(lines))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255).filter(lambda value: value != content[place]))
    found = decode(bytes(content))
    intact = [number for number in range(5) if b"\n" + lines[number] in b"\n" + bytes(content)]
    assert [int(kept.letter.text) for kept in found.kept.values()] == intact
    assert found.spoilt_lines > 0


@given(st.binary())
def test_any_bytes_can_be_read(data: bytes) -> None:
    contents = decode(data)
    assert contents.spoilt_lines or not data


def test_letter_that_could_never_be_sent_counts_as_damage() -> None:
    assert decode(encode(Kept(SERVER, "영희", letter("c1", "가" * 2001)))).spoilt_lines == 1
    assert decode(encode(Kept(SERVER, "영희", letter("c 1")))).spoilt_lines == 1


@contextmanager
def full_disk(size_bytes: int) -> Iterator[None]:
    """Within it no file grows beyond a size: the system says so as it says that the disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_full_disk_is_told_once_and_everything_is_written_when_there_is_room_again(
    folder: Path, clients: Clients
) -> None:
    outbox, _ = clients.open()
    outbox.keep(letter("c1", "하나"))
    size_bytes = files(folder)[0].stat().st_size
    with full_disk(size_bytes + 10):
        outbox.keep(letter("c2", "둘"))
        outbox.keep(letter("c3", "셋"))
        assert outbox.take_notices() == [strings.outbox_not_written(str(folder), errno.EFBIG)]
        assert decode(files(folder)[0].read_bytes()).spoilt_lines == 0, "half a line would spoil the next one"
        outbox.settle("c1")
    assert [one.text for one in outbox.letters] == ["둘", "셋"]
    outbox.keep(letter("c4", "넷"))
    assert outbox.take_notices() == []
    die(outbox)
    assert clients.left() == ["둘", "셋", "넷"]


def test_full_disk_that_can_not_say_what_was_sent_costs_nothing_and_is_no_news(folder: Path, clients: Clients) -> None:
    outbox, _ = clients.open()
    outbox.keep(letter("c1", "하나"))
    with full_disk(files(folder)[0].stat().st_size + 10):
        outbox.keep(replace(letter("c1", "하나"), sent=True))
        assert (outbox.take_notices(), outbox.outlives) == ([], True)
    outbox.keep(letter("c2", "둘"))
    die(outbox)
    _, found = clients.open()
    assert found == ["하나", "둘"]


def test_what_can_not_be_taken_over_for_want_of_room_is_sent_all_the_same_and_kept_where_it_is(
    folder: Path, clients: Clients
) -> None:
    before, _ = clients.open()
    before.keep(letter("c1", "하나"))
    die(before)
    with full_disk(5):
        outbox, found = clients.open()
        assert (found, outbox.take_notices()) == (["하나"], []), "nothing is lost"
        outbox.keep(letter("c2", "둘"))
        assert outbox.take_notices() == [strings.outbox_not_written(str(folder), errno.EFBIG)]
        assert clients.left() == [], "nobody else takes it meanwhile"
        die(outbox)
    assert clients.left() == ["하나"]


def test_what_was_taken_over_once_there_was_room_is_not_found_again(folder: Path, clients: Clients) -> None:
    before, _ = clients.open()
    before.keep(letter("c1", "하나"))
    die(before)
    with full_disk(5):
        outbox, _ = clients.open()
    outbox.keep(letter("c2", "둘"))
    outbox.settle("c1")
    outbox.settle("c2")
    outbox.close()
    assert (clients.left(), files(folder)) == ([], [])


def test_what_could_not_be_written_is_written_at_the_end_if_there_is_room_by_then(clients: Clients) -> None:
    outbox, _ = clients.open()
    with full_disk(5):
        outbox.keep(letter("c1", "하나"))
        outbox.sync()
        assert (outbox.outlives, len(outbox.take_notices())) == (False, 1)
    outbox.close()
    assert outbox.outlives
    assert clients.left() == ["하나"]


def test_file_that_somebody_deletes_costs_nothing(folder: Path, clients: Clients) -> None:
    outbox, _ = clients.open()
    outbox.keep(letter("c1", "하나"))
    for file in files(folder):
        file.unlink()
    outbox.keep(letter("c2", "둘"))
    die(outbox)
    assert clients.left() == ["하나", "둘"]


def test_folder_that_can_not_be_made_is_told_and_the_chat_goes_on(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    outbox = Outbox(tmp_path / "taken" / "state" / "outbox", SERVER)
    assert (outbox.take_up("영희"), outbox.take_notices()) == ([], [])
    outbox.keep(letter("c1"))
    assert outbox.take_notices() == [
        strings.outbox_not_written(str(tmp_path / "taken" / "state" / "outbox"), errno.ENOTDIR)
    ]
    outbox.keep(letter("c2"))
    outbox.settle("c1")
    assert (outbox.take_notices(), [one.cid for one in outbox.letters]) == ([], ["c2"])
    outbox.sync()
    outbox.close()


def test_file_that_can_not_be_read_is_named(folder: Path, clients: Clients) -> None:
    (folder / f"folder{SUFFIX}").mkdir(parents=True)
    outbox, found = clients.open()
    assert found == []
    assert outbox.take_notices() == [strings.outbox_not_read(str(folder / f"folder{SUFFIX}"), errno.EISDIR)]


def test_record_of_a_letter_that_is_unknown_changes_nothing() -> None:
    numbers = count(1)
    data = b"".join(encode(Gone(f"c{next(numbers)}")) for _ in range(3))
    assert (decode(data).kept, decode(data).spoilt_lines) == ({}, 0)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the others have no /proc, or are Windows")
def test_files_can_be_used_as_windows_has_them(folder: Path) -> None:
    folder.mkdir(parents=True)
    program = [sys.executable, "-m", "tests.tui.outbox_as_on_windows", str(folder)]
    done = subprocess.run(program, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
