"""The room is a log: `store` keeps it, `sequencer` alone appends to it, `tail` is its newest part, ready to be sent."""
