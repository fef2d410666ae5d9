"""What do we know of a person? Traits, sums, stage, scores; each with where it comes from and when."""

from homing.profile.book import ProfileBook
from homing.profile.churn import ChurnSignal, churn_signal
from homing.profile.lifecycle import STAGES, stage_of
from homing.profile.person import COMPUTED_TRAITS
from homing.profile.stats import Stats

__all__ = ["COMPUTED_TRAITS", "STAGES", "ChurnSignal", "ProfileBook", "Stats", "churn_signal", "stage_of"]
