"""Korean as it is typed, searched for and inflected: pure functions that know nothing of screens, sockets or the room."""
