"""Which servers were trusted, and with which certificate: `known_servers` in the profile's folder, as ssh has its `known_hosts`.

A line for each: `host:port`, and the certificate's fingerprint or `verified`. Any thread. Several clients may write at once: the file
is changed under a lock and replaced as a whole. What can't be read in it is told, and kept as it is.
"""

from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Final

from server.protocol.fingerprint import read_fingerprint
from tui_client import strings
from tui_client.shared_file import locked, replace_whole
from tui_client.trust import UNREADABLE, VERIFIED

FILE_NAME: Final = "known_servers"


class KnownServers:
    """The file in `folder`, which need not be there. What could not be written is remembered until the program ends."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._lock = Lock()
        self._unwritten: dict[str, str] = {}
        self._notices: list[str] = []
        self._told: set[str] = set()

    def find(self, server: str) -> str:
        """The fingerprint that is remembered of `server` (`host:port`), or `VERIFIED`, or `UNREADABLE`, or nothing."""
        with self._lock:
            if _key(server) in self._unwritten:
                return self._unwritten[_key(server)]
        lines = self._read()
        is_named = any(_names(line, server) for line in lines)
        return _meaning(lines).get(_key(server), UNREADABLE if is_named else "")

    def remember(self, server: str, what: str) -> None:
        """From now on, in place of anything else."""
        try:
            self._change(server, f"{_key(server)} {_compact(what)}")
        except OSError:
            self._note(strings.known_servers_not_written(str(self.path)))
            with self._lock:
                self._unwritten[_key(server)] = what

    def forget(self, server: str) -> bool:
        """Whether anything was remembered of `server`. Raises OSError if it can't be forgotten."""
        was_known = bool(self.find(server)) or any(_names(line, server) for line in self._read())
        if was_known:
            self._change(server, "")
        with self._lock:
            self._unwritten.pop(_key(server), None)
        return was_known

    def take_notices(self) -> list[str]:
        """What the user should be told, once."""
        with self._lock:
            notices, self._notices = self._notices, []
            return notices

    def _note(self, text: str) -> None:
        with self._lock:
            if text not in self._told:
                self._told.add(text)
                self._notices.append(text)

    def _read(self) -> list[bytes]:
        """The lines of the file."""
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError:
            self._note(strings.known_servers_not_read(str(self.path)))
            return []
        damaged = [number for number, line in enumerate(lines, 1) if line.strip() and _parsed(line) is None]
        if damaged:
            self._note(strings.known_servers_damaged(str(self.path), damaged))
        return lines

    def _change(self, server: str, line: str) -> None:
        """Put `line`, or nothing, in place of all that is said of `server`. Raises OSError."""
        folder = self.path.parent
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        with locked(self.path):
            # Not `_read`: a file that is there and can't be read must not be replaced by what we know.
            lines = self.path.read_bytes().splitlines() if self.path.exists() else []
            kept = [one for one in lines if not _names(one, server)]
            replace_whole(self.path, b"".join(one + b"\n" for one in [*kept, *filter(None, [line.encode()])]))


def _key(server: str) -> str:
    return server.lower()


def _compact(what: str) -> str:
    return what.replace(" ", "")


def _parsed(line: bytes) -> tuple[str, str] | None:
    """The server and what is said of it; None if it can't be read."""
    try:
        server, what = line.decode("utf-8").split(maxsplit=1)
        host, _, port = server.rpartition(":")
        if not host or not port.isascii() or not port.isdigit():
            return None
        return _key(server), what if what == VERIFIED else read_fingerprint(what)
    except ValueError:  # UnicodeDecodeError is one
        return None


def _meaning(lines: Iterable[bytes]) -> dict[str, str]:
    """By server; of two lines about one the last counts."""
    return dict(parsed for line in lines if (parsed := _parsed(line)) is not None)


def _names(line: bytes, server: str) -> bool:
    """Whether it is about `server`, also if the rest of it can't be read."""
    words = line.split(maxsplit=1)
    return bool(words) and words[0].decode("utf-8", "replace").lower() == _key(server)
