"""The chat server of 속삭 (soksak), and the protocol that both ends speak.

This file imports nothing, so that the client gets `server.protocol` without paying for the server.
"""

__version__ = "0.1.0"
"""Of both commands; pyproject.toml reads it here."""
