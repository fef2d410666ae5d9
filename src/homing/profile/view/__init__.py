"""What does a customer's page say, and on what does each value rest? Everything as of any instant."""

from homing.profile.view.deeds import HALF_LIFE_DAYS, Count, Deeds, Interest, deeds, top
from homing.profile.view.facts import Fact, behaviour, satisfaction, spending, value_of
from homing.profile.view.life import Life, life_of
from homing.profile.view.relations import Relation, Relations, relations
from homing.profile.view.said import Said, Word, said_by

__all__ = [
    "HALF_LIFE_DAYS",
    "Count",
    "Deeds",
    "Fact",
    "Interest",
    "Life",
    "Relation",
    "Relations",
    "Said",
    "Word",
    "behaviour",
    "deeds",
    "life_of",
    "relations",
    "said_by",
    "satisfaction",
    "spending",
    "top",
    "value_of",
]
