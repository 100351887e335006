"""The thread that keeps the search index in step with the log: a cursor that reads what is committed, a block at a time.

Nobody waits for it. It works in small pieces and rests after each, so that it never costs the room more than a part of the time;
what it has not reached yet is found by looking at the messages themselves. An index that can't be used is made anew,
without a word to anybody; after a few times it is given up.

Locks: `lock` guards `index`, and is held while the index is read. It is the only one, and no other is taken under it here.
"""

import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread
from typing import Final

from server.log.postings import BLOCK, Block
from server.log.search_index import IndexFull, IndexUnusable, SearchIndex, delete_index
from server.log.spoken import SpokenReader

logger = logging.getLogger(__name__)

PIECE: Final = 128
"""Messages that are read between two rests: two milliseconds of work."""

REST: Final = 1
"""How long it rests after a piece, in times that the piece took, while nothing is said."""

REST_WHEN_BUSY: Final = 9
"""The same while things are said: a tenth of one processor, which still indexes thousands of messages a second."""

MAX_FAILURES: Final = 3
"""After so many indexes that could not be used something is wrong that a fourth won't mend."""

WITHOUT_ROOM_S: Final = 30.0
"""How long it waits when the disk is full, before it tries to go on."""


class Indexer:
    """Follows the log from `wake` to `stop`. Owns the index and `reader`, through which it reads the log."""

    def __init__(
        self,
        path: Path,
        reader: SpokenReader,
        epoch: str,
        head: Callable[[], int],
        holds: Callable[[str, int], bool],
        floor: Callable[[], int],
    ) -> None:
        """`head`, `holds` and `floor`, up to which everything was forgotten, are the log's; see `Store`."""
        self.lock = Lock()
        self.index: SearchIndex | None = None
        """What may be searched. None while there is none, or none that can be trusted."""
        self._path = path
        self._reader = reader
        self._epoch = epoch
        self._head = head
        self._holds = holds
        self._floor = floor
        self._failures = 0
        self._due = Flag()
        self._stopping = Flag()
        self._thread: Thread | None = None

    def wake(self) -> None:
        """There is a whole block more in the log. Called by one thread."""
        self._due.set()
        if self._thread is None:
            thread = Thread(target=self._run, name="indexer")
            try:
                thread.start()
            except RuntimeError:  # the system gives us no more threads
                return
            self._thread = thread

    def distrust_locked(self) -> None:
        """The index could not be read: it must be made anew."""
        assert self.lock.locked()
        self.index = None
        self._due.set()

    def hurry(self) -> None:
        """Begin nothing any more. Any thread may call it."""
        self._stopping.set()
        self._due.set()

    def stop(self) -> None:
        """End, and let go of the files. Not while somebody searches."""
        self.hurry()
        if self._thread is not None:
            self._thread.join()
        self._reader.close()

    @property
    def oldest_block(self) -> int:
        """The first block of which not everything was forgotten."""
        return (self._floor() + 1) // BLOCK

    @property
    def is_stopping(self) -> bool:
        """Whether everybody should come to an end."""
        return self._stopping.is_set()

    # --- the indexer's thread -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while self._failures < MAX_FAILURES and not self.is_stopping:
                self._keep_an_index()
            if not self.is_stopping:
                logger.warning("searching goes on without an index: it could not be used %d times", self._failures)
        except (sqlite3.Error, OSError) as error:
            logger.warning("searching goes on without an index: %s", error)
        except Exception:
            logger.exception("searching goes on without an index")

    def _keep_an_index(self) -> None:
        """Open one and follow the log, until it can't be trusted any more, there is no room, or the server stops."""
        try:
            with closing(self._open()) as index:
                try:
                    with self.lock:
                        self.index = index
                    self._follow(index)
                finally:
                    with self.lock:
                        self.index = None
        except IndexFull:
            logger.info("the search index has to wait: the disk is full")
            self._stopping.wait(WITHOUT_ROOM_S)
        except IndexUnusable as error:
            self._failures += 1
            logger.info("the search index is made anew: %s", error.__cause__ or "it is of another log")
            delete_index(self._path)

    def _open(self) -> SearchIndex:
        """The index in the file. Raises IndexUnusable for one of another log, or of a part of it that was lost."""
        index = SearchIndex(self._path)
        if index.blocks and not self._holds(index.epoch, index.reaches_to - 1):
            index.close()
            raise IndexUnusable
        return index

    def _follow(self, index: SearchIndex) -> None:
        """Raises IndexUnusable, also when somebody who searched has found it so."""
        while True:
            self._due.clear()  # before looking at what may have set it
            if self.is_stopping:
                return
            if self.index is None:
                raise IndexUnusable
            if index.forget(self._floor()):
                continue
            if index.reaches_to + BLOCK > self._head() + 1:
                self._due.wait()
                continue
            block = self._filled(index.blocks)
            if block is not None:
                index.add(block, self._epoch)

    def _filled(self, number: int) -> Block | None:
        """A block of the log, or None if the server stops."""
        block, seen = Block(number), self._head()
        if number < self.oldest_block:
            return block
        for start in range(number * BLOCK, (number + 1) * BLOCK, PIECE):
            began = time.monotonic()
            for spoken, _ in self._reader.all_between(start, start + PIECE):
                if spoken.text is not None:
                    block.add(spoken.seq, spoken.nick, spoken.text)
            took_s = time.monotonic() - began
            is_quiet, seen = self._head() == seen, self._head()
            if self._stopping.wait(took_s * (REST if is_quiet else REST_WHEN_BUSY)):
                return None
        return block
