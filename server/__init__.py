"""The chat server of 속삭 (soksak), and the protocol that both ends speak.

This file imports nothing, so that the client gets `server.protocol` without paying for the server.

What makes it fast, all of it, in the order of a message's way through; figures are in tests/bench/RESULTS.md.

- A block of ordinary lines is decoded and cleaned in a few calls into C; anything odd in it, and it is looked at line by line
  (`protocol.ordinary`). `recv` asks for more when it got all it asked for, and not again in vain (`channel`).
- What a thread understood it hands over in one step. Who has to wait is let in one by one, in the order of coming (`log.sequencer`).
- Rounds: everything that has arrived becomes one transaction, is encoded once per dialect, and is the same block of bytes for nearly
  everybody: one system call per client and round, no queue per client (`log.sequencer`, `log.tail`, `subscriber`). A pause between
  rounds makes them bigger; it ends when as much has arrived as may.
- Rows are inserted many by one statement: SQLite lets go of the interpreter for each (`log.sqlite`).
- Who lags costs a cursor, and is read on from the same blocks (`broadcast`, `log.tail`).
- Threads take turns every 50 µs, for latency; in a crowded room every 5 ms (`config.SWITCH_INTERVAL_S`).
- In a busy room clients' threads don't all want the interpreter at once: they come in one after the other, between the rounds, and on one
  processor, that of the rounds (`doorkeeper`, `workload`).
- What is made for every message can't be part of a circle, and says so to the garbage collector (`protocol.events.Frame`).
- An idle client is a thread with two pages of stack, and objects without a spare kilobyte (`client_threads`, `channel`, `line_reader`).
- Whoever comes in costs as much however many are there: what a round changed is undone from a journal, not from copies; all are told of
  the others by the same bytes; and those who come while others do come in together, since all have to hear of it (`roster`,
  `members`, `vestibule`).
- A long log is checked beside the room that uses it, and whoever joins reads from memory (`log.checking`, `log.tail`).
"""

__version__ = "0.1.0"
"""Of both commands; pyproject.toml reads it here."""
