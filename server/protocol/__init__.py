"""What both ends say: commands and events, and how they become bytes. No sockets, no threads, no clock.

Read in this order: `events` (what can be said), `text` and `nickname` (what is allowed), `search` (what a search finds),
`framing` (bytes → lines), `plain` and `jsonlines` (lines ⇄ commands and events), `phrases` (every Korean sentence), `errors` (how
a line is refused).
"""
