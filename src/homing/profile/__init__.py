"""What do we know of a person? Traits, sums, stage, scores; each with where it comes from and when."""

from homing.profile.book import ProfileBook
from homing.profile.churn import ChurnSignal, churn_signal
from homing.profile.lifecycle import STAGES, stage_of
from homing.profile.nightly import nightly_events, rfm_events
from homing.profile.person import COMPUTED_TRAITS
from homing.profile.read import CustomerRow, Profile, Wanted, customers, customers_named, how_many, profile_of
from homing.profile.rfm import SEGMENTS, RfmScore, rfm_query, segment_of
from homing.profile.stats import Stats
from homing.profile.timeline import Happening, timeline

__all__ = [
    "COMPUTED_TRAITS",
    "SEGMENTS",
    "STAGES",
    "ChurnSignal",
    "CustomerRow",
    "Happening",
    "Profile",
    "ProfileBook",
    "RfmScore",
    "Stats",
    "Wanted",
    "churn_signal",
    "customers",
    "customers_named",
    "how_many",
    "nightly_events",
    "profile_of",
    "rfm_events",
    "rfm_query",
    "segment_of",
    "stage_of",
    "timeline",
]
