"""How much one key may ask of this process, so that whoever floods it takes nothing from the others."""

# Above this many keys, those that owe nothing any more are forgotten.
_MOST_KEYS = 8192


class RateLimit:
    """Admits `per_second` for each key, and up to `burst` at once. Not safe for several threads.

    Source: the generic cell rate algorithm (ITU-T I.371, Annex A): one moment is all that is kept of a key.
    """

    def __init__(self, *, per_second: float, burst: int) -> None:
        self._interval = 1 / per_second
        self._tolerance = burst / per_second
        self._paid_until: dict[str, float] = {}

    def seconds_to_wait(self, key: str, now: float) -> float:
        """Zero if one more is admitted at `now`, in seconds of a clock that never goes back; else how long it has to wait."""
        paid_until = max(self._paid_until.get(key, 0.0), now) + self._interval
        excess = paid_until - now - self._tolerance
        if excess > 0:
            return excess
        self._paid_until[key] = paid_until
        if len(self._paid_until) > _MOST_KEYS:
            self._forget(now)
        return 0.0

    def _forget(self, now: float) -> None:
        owing = {key: paid_until for key, paid_until in self._paid_until.items() if paid_until > now}
        # A flood of keys that all owe something: the oldest of them are let off.
        self._paid_until = dict(list(owing.items())[-_MOST_KEYS // 2 :])
