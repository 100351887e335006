"""What was said and has no echo yet, kept on disk so that it outlives this client, however it ends.

A file for each client that runs, in one private folder, which is handed in. What a client that has ended left behind is taken up by the
next one that is the same client of the same server: sent again under its `cid`, it is said once. What it left under another nickname
waits for that one. Runs on the thread of whoever types; a write is some microseconds, since only `sync` waits for the disk.

Nothing here ever raises: who can't keep a message on disk can still send it. What the user should know is in `take_notices`.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from msgspec.structs import replace

from server.protocol.nickname import nickname_key
from tui_client import strings
from tui_client.letter_file import SUFFIX, Contents, Gone, Kept, Letter, LetterFile, Record

__all__ = ["FOLDER_NAME", "NOWHERE", "Letter", "Outbox", "Sink"]

FOLDER_NAME: Final = "outbox"


class Sink(Protocol):
    """Where own messages are noted down."""

    def keep(self, letter: Letter, instead_of: str = "") -> None:
        """Note that `letter` is to be sent, or that it has failed; it takes the place of the one with the `cid` `instead_of`."""

    def settle(self, cid: str) -> None:
        """Note that the letter with this `cid` stands in the room's log, or is not wanted any more."""


class _Nowhere:
    def keep(self, letter: Letter, instead_of: str = "") -> None: ...

    def settle(self, cid: str) -> None: ...


NOWHERE: Final[Sink] = _Nowhere()
"""For who needs no memory: a script that is run again says everything again."""


class Outbox:
    """The letters of one client that runs, to `server`. `new_name` gives a name for a file that was never used."""

    def __init__(self, folder: Path, server: str, new_name: Callable[[], str] = lambda: secrets.token_hex(8)) -> None:
        self.elsewhere: Mapping[str, int] = {}
        """For which other nicknames messages to the same server wait, and how many."""
        self.failed_elsewhere: Mapping[str, int] = {}
        """The same of those that the server has refused: they are not sent again unasked."""
        self._folder = folder
        self._server = server
        self._new_name = new_name
        self._client = ""
        self._contents = Contents()
        self._inherited: set[str] = set()
        self._file: LetterFile | None = None
        self._is_whole = True
        """Whether the file says everything that it should, and nothing else."""
        self._unwritten: set[str] = set()
        """The `cid`s of letters that no file holds."""
        self._has_complained = False
        self._held: list[tuple[LetterFile, Contents]] = []
        """Files whose letters could be read but not yet written down here: they stay, and nobody else takes them."""
        self._notices: list[str] = []

    def take_notices(self) -> Sequence[str]:
        """What the user should be told, once."""
        notices, self._notices = self._notices, []
        return notices

    @property
    def letters(self) -> Sequence[Letter]:
        """What needs care, in the order in which it is to be sent."""
        return [kept.letter for kept in self._contents.kept.values()]

    @property
    def outlives(self) -> bool:
        """Whether all letters are on disk, so that they are found again however this client ends."""
        return not self._unwritten

    def take_up(self, client: str) -> Sequence[Letter]:
        """Be `client`, a nickname, from now on; what clients before have left for it. What was taken up for another one goes back."""
        self._give_back()
        self._client = client
        found = self._claim_all()
        inherited = {cid: kept for _, contents in found for cid, kept in contents.kept.items() if self._is_ours(kept)}
        written_here = {one.letter.cid: Kept(self._server, client, one.letter) for one in self._contents.kept.values()}
        self._inherited = set(inherited)
        self._contents.kept = inherited | written_here
        self._unwritten |= set(written_here)  # the file says that somebody else wrote it
        if self._contents.kept or self._file is not None:
            self._rewrite()
        for file, contents in found:
            self._clear_away(file, contents)
        return [kept.letter for kept in inherited.values()]

    def keep(self, letter: Letter, instead_of: str = "") -> None:
        self._note(Kept(self._server, self._client, letter, instead_of))

    def settle(self, cid: str) -> None:
        if cid in self._contents.kept:
            self._note(Gone(cid))

    def sync(self) -> None:
        """Have the disk hold it all: for what will wait for long. What could not be written before is tried again."""
        if not self._is_whole:
            self._rewrite()
        if self._file is not None:
            with suppress(OSError):
                self._file.sync()

    def close(self) -> None:
        """The end: what is left waits for the next client."""
        if not self._is_whole:
            self._rewrite()
        self._let_go()
        if self._file is not None:
            if not self._contents.kept:
                with suppress(OSError):
                    self._file.remove()
            self._file.close()
        self._file = None

    # --- one's own file -----------------------------------------------------------------------------------------------

    def _note(self, record: Record) -> None:
        if isinstance(record, Kept) and not self._stands_but_for_sending(record.letter):
            self._unwritten.add(record.letter.cid)
        self._contents.follow(record)
        self._unwritten &= self._contents.kept.keys()
        try:
            if self._file is None or not self._is_whole or self._file.is_worn_out:
                self._rewrite()
            elif self._contents.kept:
                self._file.append(record)
                self._unwritten.clear()
            else:
                self._file.empty()
        except OSError as error:
            self._fail(error)

    def _stands_but_for_sending(self, letter: Letter) -> bool:
        """Whether the file has the letter, all but whether it was sent: sent twice, it is said once."""
        known = self._contents.kept.get(letter.cid)
        is_written = known is not None and letter.cid not in self._unwritten
        return is_written and known is not None and replace(known.letter, sent=letter.sent) == letter

    def _rewrite(self) -> None:
        """Say everything in a new file, and forget the old one."""
        try:
            file = LetterFile.create(self._folder, self._new_name(), self._contents.kept.values())
        except OSError as error:
            self._fail(error)
            return
        old, self._file, self._is_whole, self._has_complained = self._file, file, True, False
        self._unwritten.clear()
        if old is not None:
            with suppress(OSError):
                old.remove()
        held, self._held = self._held, []
        for file, contents in held:
            self._clear_away(file, contents)

    def _fail(self, error: OSError) -> None:
        """Something was not written down. What was only to be forgotten does no harm: sent twice, it is said once."""
        self._is_whole = False
        if self._unwritten and not self._has_complained:
            self._has_complained = True
            self._notices.append(strings.outbox_not_written(str(self._folder), error.errno or 0))

    # --- what others have left ----------------------------------------------------------------------------------------

    def _is_ours(self, kept: Kept) -> bool:
        return kept.server == self._server and nickname_key(kept.client) == nickname_key(self._client)

    def _claim_all(self) -> Sequence[tuple[LetterFile, Contents]]:
        """Every file whose writer has ended, the oldest first."""
        found = [both for path in _files_in(self._folder) if (both := self._claim(path)) is not None]
        kept = [one for _, contents in found for one in contents.kept.values()]
        others = [one for one in kept if one.server == self._server and not self._is_ours(one)]
        self.elsewhere = Counter(one.client for one in others if not one.letter.code)
        self.failed_elsewhere = Counter(one.client for one in others if one.letter.code)
        return found

    def _claim(self, path: Path) -> tuple[LetterFile, Contents] | None:
        file = None
        try:
            file = LetterFile.claim(path)
            return None if file is None else (file, file.read())
        except OSError as error:
            self._notices.append(strings.outbox_not_read(str(path), error.errno or 0))
            if file is not None:
                file.close()
            return None

    def _clear_away(self, file: LetterFile, contents: Contents) -> None:
        """Leave of a file only what waits for others; all of it, if what was ours could not be written down."""
        ours = [kept for kept in contents.kept.values() if self._is_ours(kept)]
        others = [kept for kept in contents.kept.values() if not self._is_ours(kept)]
        try:
            if ours and not self._is_whole:
                self._held.append((file, contents))
                return
            if contents.spoilt_lines or (ours and others):
                self._leave(others)
            if contents.spoilt_lines:
                self._notices.append(strings.outbox_damaged(contents.spoilt_lines, str(file.put_aside())))
            elif ours or not others:
                file.remove()
        except OSError as error:
            self._notices.append(strings.outbox_not_read(str(file.path), error.errno or 0))
        file.close()

    def _leave(self, kept: Iterable[Kept]) -> None:
        """Put `kept` where the one finds it whom it is for. Raises OSError."""
        records = [Kept(one.server, one.client, one.letter) for one in kept]
        if records:
            LetterFile.create(self._folder, self._new_name(), records).close()

    def _give_back(self) -> None:
        """Let what was taken up wait again; what has been written since goes along with its writer."""
        kept = self._contents.kept
        back = [kept.pop(cid) for cid in self._inherited if cid in kept]
        try:
            self._leave(back)
        except OSError as error:
            if not self._held:  # what is held still says it
                self._notices.append(strings.outbox_not_written(str(self._folder), error.errno or 0))
        self._let_go()

    def _let_go(self) -> None:
        for file, _ in self._held:
            file.close()
        self._held = []


def _files_in(folder: Path) -> Sequence[Path]:
    found: list[tuple[float, Path]] = []
    with suppress(OSError):
        for path in folder.iterdir():
            with suppress(OSError):
                if path.suffix == SUFFIX:
                    found.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(found)]
