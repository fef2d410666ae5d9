"""Homing 归航: the open precision-marketing loop, collect → understand → decide → act → measure."""

__version__ = "0.1.0"
