"""How far apart are two points, and is one within so many kilometres of the other?

Great circles on a sphere of 6,371.0088 km. Compared is the haversine of the angle, not the distance: the same few
operations in the same order in Python and in SQL give the same answer to the last bit. Degrees are any finite numbers
in -90 .. 90 and -180 .. 180; others are nowhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from homing.core.condition_values import number_of

EARTH_KM = 6371.0088
MAX_KM = 20_015.0  # half way round
RADIANS = math.pi / 180


@dataclass(frozen=True, slots=True)
class Disc:
    """Everywhere at most `km` from a point."""

    lat: float
    lng: float
    km: float

    @property
    def limit(self) -> float:
        """The largest haversine that is inside."""
        return math.sin(min(self.km / EARTH_KM, math.pi) / 2) ** 2

    @property
    def cosine(self) -> float:
        """Of the point's latitude."""
        return math.cos(self.lat * RADIANS)

    def holds(self) -> Callable[[object, object], bool]:
        """The test of a latitude and a longitude as they were sent.

        Example:
            >>> near_oslo = Disc(59.91, 10.75, 50).holds()
            >>> near_oslo(59.74, 10.2), near_oslo("60.39", 5.32), near_oslo(None, 10.2)
            (True, False, False)
        """
        lat0, lng0, limit, cosine = self.lat, self.lng, self.limit, self.cosine

        def test(lat: object, lng: object) -> bool:
            y, x = number_of(lat), number_of(lng)
            if y is None or x is None or abs(y) > 90 or abs(x) > 180:
                return False
            up, across = math.sin((y - lat0) * RADIANS / 2), math.sin((x - lng0) * RADIANS / 2)
            return up * up + math.cos(y * RADIANS) * cosine * (across * across) <= limit

        return test


def kilometres(lat: float, lng: float, lat2: float, lng2: float) -> float:
    """The distance between two points.

    Args:
        lat: of the one, degrees.
        lng: of the one, degrees.
        lat2: of the other, degrees.
        lng2: of the other, degrees.

    Returns:
        kilometres, 0 .. 20,015.

    Example:
        >>> round(kilometres(59.9139, 10.7522, 60.3913, 5.3221))
        305
    """
    up, across = math.sin((lat2 - lat) * RADIANS / 2), math.sin((lng2 - lng) * RADIANS / 2)
    haversine = up * up + math.cos(lat * RADIANS) * math.cos(lat2 * RADIANS) * across * across
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, haversine)))
