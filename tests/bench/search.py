"""How long a search takes in a long history: `python -m tests.bench.search [--messages N] [--rounds N] [--keep FOLDER]`.

Made-up Korean small talk goes into a log in a file as the sequencer puts it there; then every kind of query is searched for, from
the newest message back and from anywhere. Prints tables, asserts nothing.
"""

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from server.log.indexer import Indexer
from server.log.log_search import LogSearch
from server.log.postings import BLOCK
from server.log.spoken import SpokenReader
from server.log.sqlite import SqliteStore
from server.log.store import Page, Record
from server.protocol.events import SEARCH_PAGE, Event, Said
from server.protocol.search import SearchPattern
from tests.bench.machine import describe_machine
from tests.bench.table import table
from tests.support.korean_chat import SmallTalk, batches, uid_of_number

Query = tuple[str, str | None]
Search = Callable[[SearchPattern, str | None, int, str, int], Page]

VIEWER = uid_of_number(0)
RARE_NICK = "손님"
RARE_TEXT = "아주드문말 속삭속삭 뷁 이것"
RARE_AT = (0.1, 0.37, 0.8)
"""Where in the log the rare words stand, said by somebody who says nothing else."""

BATCH = 1000
MESSAGES = 1_007_000
"""A million, and so many more that the last block is nearly full: no more than that has to be looked at one by one."""

P95_GOAL_MS, MAX_GOAL_MS = 50, 250


def _of_anybody(words: str) -> list[Query]:
    return [(word, None) for word in words.split()]


KINDS: Mapping[str, Sequence[Query]] = {
    "1 syllable, common": _of_anybody("회 가 이 다 해 서 ㅋ a 1"),
    "1 syllable, rare or missing": _of_anybody("뷁 쀍 꿟 흽 Ω"),
    "2 syllables": _of_anybody("회의 자료 점심 배포 가나 마서 조누 현민 키보 ok"),
    "2 syllables, rare or missing": _of_anybody("속삭 뷁꿟 갸냐 회뷁 의회 하늬 zq"),
    "2 initials": _of_anybody("ㅎㅇ ㅈㄹ ㅂㅍ ㄱㅅ ㅋㅋ ㅃㅉ ㄸㄲ"),
    "3 to 5 initials": _of_anybody("ㅌㅁㄴ ㅋㅂㄷ ㅎㅇㅈㄹ ㄱㄴㄷㄹ ㅇㅇㅇㅇㅇ ㅅㅈㄱㅈㅅ"),
    "being typed": _of_anybody("회으 회ㅇ 배포하느 키보ㄷ 여 드무 데이터베이스 색이"),
    "longer, rare": _of_anybody("아주드문말 속삭속삭 candidate hotfix.deploy"),
    "several words": [(words, None) for words in ("회의 자료", "점심 커피 여행", "서버 갸냐", "ㅎㅇ ㅈㄹ 서버")],
    "with a nickname": [
        ("회의", "영희"),
        ("이", RARE_NICK),
        ("회의", "없는이"),
        ("ㅎㅇ", "Mina"),
        ("드문말", "철수"),
        ("다", "없는이"),
    ],
}


def write(store: SqliteStore, messages: int) -> float:
    """Fill the log; the seconds that it took to append."""
    taken_s, rare_at = 0.0, {int(messages * part) for part in RARE_AT}
    for batch in batches(SmallTalk().events(1, messages), BATCH):
        records = [_record(_rare(event.seq) if event.seq in rare_at else event) for event in batch]
        began = time.perf_counter()
        store.append(records)
        taken_s += time.perf_counter() - began
    return taken_s


def _rare(seq: int) -> Said:
    return Said(seq, 0, VIEWER, RARE_NICK, RARE_TEXT)


def _record(event: Event) -> Record:
    return Record(event, msgspec.json.encode(event))


def wait_for_index(store: SqliteStore) -> float:
    """The seconds until all is indexed that can be."""
    began = time.perf_counter()
    while (index := store._indexer.index) is None or index.reaches_to + BLOCK <= store.head + 1:
        time.sleep(0.01)
    return time.perf_counter() - began


def rows_of(search: Search, rounds: int, before: Callable[[], int]) -> list[tuple[str, ...]]:
    """A row of the table for every kind of query."""
    return [(kind, *_figures(_taken_ms(search, queries, rounds, before))) for kind, queries in KINDS.items()]


def _taken_ms(search: Search, queries: Sequence[Query], rounds: int, before: Callable[[], int]) -> list[float]:
    taken_ms = []
    for _ in range(rounds):
        for query, nick in queries:
            pattern, start = SearchPattern(query), before()
            began = time.perf_counter()
            search(pattern, nick, start, VIEWER, SEARCH_PAGE)
            taken_ms.append(1000 * (time.perf_counter() - began))
    return sorted(taken_ms)


def _figures(taken_ms: Sequence[float]) -> tuple[str, ...]:
    p50, p95, slowest = (taken_ms[int(part * (len(taken_ms) - 1))] for part in (0.5, 0.95, 1.0))
    is_met = p95 <= P95_GOAL_MS and slowest <= MAX_GOAL_MS
    return f"{p50:.2f}", f"{p95:.2f}", f"{slowest:.2f}", "met" if is_met else "MISSED"


def show(title: str, rows: Sequence[tuple[str, ...]]) -> None:
    """One table."""
    goal = f"p95 ≤ {P95_GOAL_MS}, max ≤ {MAX_GOAL_MS}"
    print(f"\n### {title}\n\n{table(('query', 'p50 ms', 'p95 ms', 'max ms', goal), rows)}", flush=True)


def run(path: Path, messages: int, rounds: int) -> None:
    """Everything, with the log at `path`."""
    with closing(SqliteStore(path)) as store:
        if store.head == 0:
            print(f"appended {messages:,} events, {BATCH} at a time, in {write(store, messages):.1f} s")
        cpu_s = time.process_time()
        more_s = wait_for_index(store)
        print(f"all indexed {more_s:.1f} s later, with {time.process_time() - cpu_s:.1f} s of processor time")
        index_bytes = sum(file.stat().st_size for file in path.parent.glob(f"{path.name}.search*"))
        print(f"log {path.stat().st_size / 1e6:.0f} MB, index {index_bytes / 1e6:.0f} MB")
        anywhere = random.Random(2)
        show(f"from the newest of {store.head:,} back", rows_of(store.search, rounds, lambda: store.head + 1))
        show("from anywhere back", rows_of(store.search, rounds, lambda: anywhere.randrange(1, store.head + 1)))
        search = _without_index(path, store)
        show("one page without any index", rows_of(search, max(1, rounds // 10), lambda: store.head + 1))


def _without_index(path: Path, store: SqliteStore) -> Search:
    """As it is while the first index is being made."""
    readers = [SpokenReader(sqlite3.connect(path, check_same_thread=False)) for _ in range(2)]
    asleep = Indexer(path.with_name("unused"), readers[0], store.epoch, lambda: 0, store.holds, lambda: 0)
    return LogSearch(readers[1], asleep).search


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="use the log in this folder; make it if there is none")
    options = parser.parse_args()
    print(f"{describe_machine('msgspec')} · SQLite {sqlite3.sqlite_version}\n")
    with tempfile.TemporaryDirectory() as temporary:
        run((options.keep or Path(temporary)) / "bench.db", options.messages, options.rounds)


if __name__ == "__main__":
    main()
