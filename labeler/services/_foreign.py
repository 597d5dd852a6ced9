"""Notices commits by other processes: SQLite's `data_version` seen from a connection of its own, with our own commits told apart."""

import threading

from sqlalchemy import Engine


class ForeignCommits:
    """Counts how often somebody else changed the file. Safe to call from several threads.

    A commit of somebody else between two of our own writers that overlap may go uncounted until the next one.
    """

    def __init__(self, engine: Engine) -> None:
        self._connection = engine.raw_connection()
        self._lock = threading.Lock()
        self._writers = 0
        self._count = 0
        self._seen = self._version()

    def count(self) -> int:
        """The number of foreign changes noticed so far."""
        with self._lock:
            self._notice()
            return self._count

    def before_own(self) -> None:
        """Our transaction holds the write lock: what has changed until now was not us."""
        with self._lock:
            self._notice()
            self._writers += 1

    def after_own(self) -> None:
        """Our transaction is over, committed or not."""
        with self._lock:
            self._writers -= 1
            self._seen = self._version()

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _notice(self) -> None:
        version = self._version()
        if version != self._seen and not self._writers:
            self._count += 1
            self._seen = version

    def _version(self) -> int:
        cursor = self._connection.cursor()
        try:
            cursor.execute("PRAGMA data_version")
            row = cursor.fetchone()
        finally:
            cursor.close()
        return int(row[0]) if row else 0
