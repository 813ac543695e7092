"""How often each operation was asked for, counted where requests arrive."""

import threading
from collections import Counter


class CallLog:
    """Counts calls per operation, refused and failed ones included."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def record(self, operation: str) -> None:
        """Count one call."""
        with self._lock:
            self._counts[operation] += 1

    def counts(self) -> dict[str, int]:
        """Return the calls so far, by operation."""
        with self._lock:
            return dict(sorted(self._counts.items()))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._counts.clear()
