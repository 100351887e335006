"""The room is a log: `store` keeps it, `sequencer` alone appends to it, `tail` is its newest part, ready to be sent.

Searching it: `hunt` (one search, whatever the store), `log_search` (a search in a file), `indexer` (the thread that keeps the
index), `search_index` (the index in its file), `postings` (its rows), `grams` (what is in them).
"""
