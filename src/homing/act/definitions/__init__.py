"""What may be written down? Journeys, contents and campaigns: one schema for files, the API and the console."""

from homing.act.definitions.campaign import Campaign, Holdout, Outcome
from homing.act.definitions.check import Fault, check_campaign, check_journey
from homing.act.definitions.content import Content
from homing.act.definitions.journey import EventMatch, Journey
from homing.core.registry import definition_kinds

definition_kinds["journey"] = Journey
definition_kinds["content"] = Content
definition_kinds["campaign"] = Campaign

__all__ = [
    "Campaign",
    "Content",
    "EventMatch",
    "Fault",
    "Holdout",
    "Journey",
    "Outcome",
    "check_campaign",
    "check_journey",
]
