"""Journeys: who goes where, and when."""

from homing.act.journeys.runner import JourneyRunner

__all__ = ["JourneyRunner"]
