"""How often somebody may ask within a time."""

from collections import OrderedDict


class Pace:
    """Remembers when each key last asked, of a bounded number of keys. For one event loop, or one thread.

    Each instance of a function has its own, so it bounds what one instance does, and is no quota.
    """

    def __init__(self, *, most: int, seconds: float, keys: int = 1000) -> None:
        self._most, self._seconds, self._keys = most, seconds, keys
        self._asked: OrderedDict[str, list[float]] = OrderedDict()

    def takes(self, key: str, now: float) -> bool:
        """Whether a key may ask now; if so, it has asked. now: of a clock that never goes back."""
        recent = [at for at in self._asked.get(key, []) if at > now - self._seconds]
        is_taken = len(recent) < self._most
        self._asked[key] = [*recent, now] if is_taken else recent
        self._asked.move_to_end(key)
        if len(self._asked) > self._keys:
            self._asked.popitem(last=False)
        return is_taken
