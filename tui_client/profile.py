"""What this installation remembers: the last nickname, the secret by which servers know its clients again, and what is still unsent.

Files in one private folder, which is handed in. Safe when several clients start at the same moment: what one of them
has created, all the others use.
"""

import contextlib
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from server.protocol.errors import Refusal
from server.protocol.nickname import check_nickname, nickname_key
from tui_client import strings
from tui_client.known_servers import KnownServers
from tui_client.outbox import FOLDER_NAME as OUTBOX_NAME
from tui_client.outbox import Outbox
from tui_client.roster import clean_nick
from tui_client.shared_file import locked, replace_whole

SECRET_NAME: Final = "secret"  # noqa: S105 - a file's name
NICKNAME_NAME: Final = "nickname"
IGNORED_NAME: Final = "ignored"

_SECRET_BYTES: Final = 16
_OTHERS: Final = 0o077
_DEVICE_LABEL: Final = b"soksak: this installation, whatever its nickname"
_PLACE_LABEL: Final = b"soksak: this installation, at "
"""No nickname is like these: none has blanks."""
_is_secret = re.compile(rb"[0-9a-f]{32}\n?").fullmatch
_is_ignored = re.compile(r"([0-9a-f]{16}) (\S.*)").fullmatch


class DamagedSecret(Exception):
    """The file is there, but what it holds is no secret, or can't be read."""


class Profile:
    """One installation's memory in `folder`. `notice` is what its user should be told, perhaps nothing.

    `random_bytes` gives so many bytes that nobody can guess.
    """

    def __init__(self, folder: Path, random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self.notice = ""
        self._folder = folder
        self._random_bytes = random_bytes
        self._secret = self._obtain_secret()

    def client_secret(self, nickname: str, place: str = "") -> str:
        """The `client` of a `hello`: 128 bits, hexadecimal, always the same for one installation, nickname and place.

        Two nicknames are two clients, so that whispers between two windows of one person stay apart. What is told at one place (see
        `secrecy.place_of`) says nothing of what is told at another, nor the other way round.
        """
        return self._derived(nickname_key(nickname).encode("utf-8", "surrogatepass"), place)

    def device_secret(self, place: str = "") -> str:
        """The `device` of a `hello`: likewise, but the same for all nicknames of this installation."""
        return self._derived(_DEVICE_LABEL, place)

    def _derived(self, label: bytes, place: str) -> str:
        key = self._secret
        if place:
            key = hmac.new(key, _PLACE_LABEL + place.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        return hmac.new(key, label, hashlib.sha256).hexdigest()[: 2 * _SECRET_BYTES]

    def last_nickname(self) -> str:
        """The nickname used last; nothing if there was none."""
        return self._remembered()[0]

    def identity_of(self, nickname: str) -> str:
        """Under which nickname somebody became known who is called `nickname`: another one, if they were renamed when last seen here.

        Whoever comes back after a rename is still the same client: with the same seat, and with what is still unsent.
        """
        last, identity = self._remembered()
        return identity if last and nickname_key(last) == nickname_key(nickname) else nickname

    def remember_nickname(self, nickname: str, identity: str = "") -> None:
        """Offer `nickname` the next time, and that it is still `identity`, if that is another one.

        A convenience: a folder that can't be written to is no reason to complain. What is remembered already is not written again: with
        each welcome, the screen would wait for the disk.
        """
        if self._remembered() == (nickname, identity or nickname):
            return
        lines = (nickname, identity) if identity and nickname_key(identity) != nickname_key(nickname) else (nickname,)
        with contextlib.suppress(OSError):
            self._write_new("\n".join(lines).encode()).replace(self._folder / NICKNAME_NAME)

    def outbox(self, server: str) -> Outbox:
        """Where messages to `server`, an address, are kept until they stand in its log."""
        return Outbox(self._folder / OUTBOX_NAME, server)

    def known_servers(self) -> KnownServers:
        """Which servers were trusted, and by what they are known again."""
        return KnownServers(self._folder)

    def ignored(self) -> Mapping[str, str]:
        """Whom its user ignores: nicknames by `uid`. What can't be read counts as nothing."""
        try:
            return self._read_ignored()
        except OSError:
            return {}

    def note_ignored(self, uid: str, nick: str) -> str:
        """Remember to ignore `uid`, called `nick`; without a nickname, no more. What its user should be told if that can't be."""
        path = self._folder / IGNORED_NAME
        if nick and not _is_ignored(
            f"{uid} {nick}"
        ):  # a server may call people anything: only a line of ours is written
            return strings.not_kept_until_later(str(path))
        try:
            with locked(path):
                ignored = {one: known for one, known in self._read_ignored().items() if one != uid}
                ignored.update({uid: nick} if nick else {})
                replace_whole(path, "".join(f"{one} {known}\n" for one, known in ignored.items()).encode())
        except OSError:
            return strings.not_kept_until_later(str(path))
        return ""

    def _read_ignored(self) -> Mapping[str, str]:
        """Raises OSError if the file is there and can't be read: then it must not be replaced by what we know."""
        try:
            content = (self._folder / IGNORED_NAME).read_bytes()
        except FileNotFoundError:
            return {}
        lines = content.decode("utf-8", "replace").split("\n")
        return {found[1]: clean_nick(found[2]) for line in lines if (found := _is_ignored(line))}

    def _remembered(self) -> tuple[str, str]:
        """The last nickname, and the one under which its bearer became known; both are empty if there is none."""
        try:
            last, *identity = (self._folder / NICKNAME_NAME).read_text(encoding="utf-8").split("\n")
            return check_nickname(last), check_nickname(identity[0] if identity else last)
        except (OSError, UnicodeDecodeError, Refusal):
            return "", ""

    def _obtain_secret(self) -> bytes:
        path = self._folder / SECRET_NAME
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._create(path)
            try:
                return _read_secret(path)
            except DamagedSecret:
                return self._replace_damaged(path)
        except (OSError, DamagedSecret):
            self.notice = strings.secret_not_kept(str(self._folder))
            return self._random_bytes(_SECRET_BYTES)

    def _create(self, path: Path) -> None:
        """Make a secret at `path`, unless there is one or somebody is quicker: then theirs stays. Raises OSError."""
        if path.exists():
            return
        written = self._write_new(self._random_bytes(_SECRET_BYTES).hex().encode() + b"\n")
        try:
            _publish(written, path)
        finally:
            written.unlink(missing_ok=True)

    def _replace_damaged(self, path: Path) -> bytes:
        """Put the file aside, under a name of its own, and make a new one. Raises OSError, DamagedSecret."""
        aside = path.with_name(f"{SECRET_NAME}.damaged-{self._random_bytes(4).hex()}")
        with contextlib.suppress(FileNotFoundError):  # another client has put it aside
            path.rename(aside)
            self.notice = strings.secret_replaced(str(aside))
        if _holds_secret(aside):
            # Another client had mended it between our look and our hand: what we took away is its new secret.
            _publish(aside, path)
            aside.unlink(missing_ok=True)
            self.notice = ""
        self._create(path)
        return _read_secret(path)

    def _write_new(self, content: bytes) -> Path:
        """A complete private file under a name that nobody else uses. Raises OSError."""
        path = self._folder / f".{self._random_bytes(8).hex()}.new"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                path.unlink()
                raise
        return path


def _publish(written: Path, path: Path) -> None:
    """Make the file `written` appear at `path` as a whole, unless there is one already. Raises OSError."""
    try:
        path.hardlink_to(written)
    except FileExistsError:
        return
    except OSError:
        # No hard links here (FAT, some networks): replacing is still a whole file, and the last one wins.
        written.replace(path)


def _holds_secret(path: Path) -> bool:
    try:
        _read_secret(path)
    except DamagedSecret:
        return False
    return True


def _read_secret(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        if path.stat().st_mode & _OTHERS:  # as after a copy; no file of ours is for others
            with contextlib.suppress(OSError):
                path.chmod(0o600)
    except OSError:
        raise DamagedSecret from None
    if not _is_secret(content):
        raise DamagedSecret
    return bytes.fromhex(content.decode("ascii").strip())
