"""Who: one condition, judged on the stream as events arrive and asked of the warehouse as a whole."""

from homing.core.registry import definition_kinds
from homing.segments.definition import Segment, used_by, written_out
from homing.segments.membership import (
    Estimate,
    Member,
    Membership,
    Preview,
    ask_members,
    counts,
    estimate,
    members_of,
    preview,
    segments_of,
)
from homing.segments.stream import SegmentStream

definition_kinds["segment"] = Segment

__all__ = [
    "Estimate", "Member", "Membership", "Preview", "Segment", "SegmentStream", "ask_members", "counts", "estimate",
    "members_of", "preview", "segments_of", "used_by", "written_out",
]  # fmt: skip
