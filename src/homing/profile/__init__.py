"""What do we know of a person? Traits, sums, stage, scores; each with where it comes from and when."""

from homing.profile.book import ProfileBook
from homing.profile.churn import ChurnSignal, churn_signal
from homing.profile.directory import Directory, Found
from homing.profile.lifecycle import STAGES, stage_of
from homing.profile.listing import CustomerRow, Wanted, customers, customers_named, how_many
from homing.profile.nightly import nightly_events, rfm_events
from homing.profile.person import COMPUTED_TRAITS
from homing.profile.read import Profile, profile_of
from homing.profile.rfm import SEGMENTS, RfmLimits, RfmScore, rfm_limits, rfm_query, segment_of
from homing.profile.stats import Stats
from homing.profile.timeline import Happening, Outline, Sought, outline, timeline

__all__ = [
    "COMPUTED_TRAITS",
    "SEGMENTS",
    "STAGES",
    "ChurnSignal",
    "CustomerRow",
    "Directory",
    "Found",
    "Happening",
    "Outline",
    "Profile",
    "ProfileBook",
    "RfmLimits",
    "RfmScore",
    "Sought",
    "Stats",
    "Wanted",
    "churn_signal",
    "customers",
    "customers_named",
    "how_many",
    "nightly_events",
    "outline",
    "profile_of",
    "rfm_events",
    "rfm_limits",
    "rfm_query",
    "segment_of",
    "stage_of",
    "timeline",
]
