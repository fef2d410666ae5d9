"""Is what comes in as it should be? Plans and rules, refused rows that can be mended, a score for each source."""

from homing.collect.quality.checkpoint import Checkpoint
from homing.collect.quality.inspector import CLEAR, Inspector, Looked

__all__ = ["CLEAR", "Checkpoint", "Inspector", "Looked"]
