"""Facts in: Segment's protocol over HTTP, and files of orders, customers, products and events."""

from homing.collect.doors.http import CollectApp, collect_app
from homing.collect.reasons import REASONS, words

__all__ = ["REASONS", "CollectApp", "collect_app", "words"]
