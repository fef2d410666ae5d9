"""What time is it? The system's, a virtual one that somebody moves, or a scaled one that runs faster.

Everything below runtime is handed an instant; only here is a clock read. A clock never goes back: the system clock that
is set back stands still until it has caught up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal, Protocol

from homing.core.errors import InvalidInput

ClockKind = Literal["system", "virtual", "scaled"]


class Clock(Protocol):
    """A source of `now`, in microseconds since 1970 UTC."""

    kind: ClockKind
    speed: float  # logical seconds a real second; 0 for a clock that somebody moves

    def __call__(self) -> int:
        """The instant it is."""

    def real_s_until(self, us: int) -> float | None:
        """Real seconds until the clock shows `us`, 0 or more; None when it does not run by itself."""

    def on_move(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever somebody moves the clock."""


class SystemClock:
    """The machine's clock."""

    kind: ClockKind = "system"
    speed = 1.0

    def __init__(self) -> None:
        self._newest = 0

    def __call__(self) -> int:
        """The instant it is; never before one that was given already."""
        now = time.time_ns() // 1000
        self._newest = max(self._newest, now)
        return self._newest

    def real_s_until(self, us: int) -> float | None:
        """Real seconds until `us`."""
        return max(0.0, (us - self()) / 1e6)

    def on_move(self, wake: Callable[[], None]) -> None:
        """Nobody moves this clock."""


class VirtualClock:
    """A clock that stands until somebody moves it: replay, tests and the headless demo.

    Args:
        start_us: what it shows first.
    """

    kind: ClockKind = "virtual"
    speed = 0.0

    def __init__(self, start_us: int) -> None:
        self._now = start_us
        self._lock = threading.Lock()
        self._wakes: list[Callable[[], None]] = []

    def __call__(self) -> int:
        """The instant it was moved to last."""
        return self._now

    def advance_to(self, us: int) -> None:
        """Move it forward.

        Raises:
            InvalidInput: `us` lies before what it shows.
        """
        with self._lock:
            if us < self._now:
                raise InvalidInput(f"the clock shows {self._now}, wanted to move it back to {us}", field="clock")
            self._now = us
        for wake in list(self._wakes):
            wake()

    def real_s_until(self, us: int) -> float | None:
        """0 when `us` has come, None when somebody must move the clock first."""
        return 0.0 if us <= self._now else None

    def on_move(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever the clock is moved."""
        self._wakes.append(wake)


class ScaledClock:
    """A clock that starts at a chosen instant and runs `speed` times as fast as the machine's.

    Args:
        start_us: what it shows first.
        speed: logical seconds a real second, above 0.
    """

    kind: ClockKind = "scaled"

    def __init__(self, start_us: int, speed: float) -> None:
        if speed <= 0:
            raise InvalidInput(f"speed is {speed}, wanted above 0", field="speed")
        self.speed = speed
        self._start_us = start_us
        self._real_ns = time.monotonic_ns()
        self._wakes: list[Callable[[], None]] = []

    def __call__(self) -> int:
        """The instant it is."""
        return self._start_us + int((time.monotonic_ns() - self._real_ns) / 1000 * self.speed)

    def set_speed(self, speed: float) -> None:
        """Run at another speed from now on, above 0."""
        if speed <= 0:
            raise InvalidInput(f"speed is {speed}, wanted above 0", field="speed")
        self._start_us, self._real_ns = self(), time.monotonic_ns()
        self.speed = speed
        for wake in list(self._wakes):
            wake()

    def real_s_until(self, us: int) -> float | None:
        """Real seconds until `us`."""
        return max(0.0, (us - self()) / 1e6 / self.speed)

    def on_move(self, wake: Callable[[], None]) -> None:
        """Call `wake` when the speed is changed."""
        self._wakes.append(wake)
