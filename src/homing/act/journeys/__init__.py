"""Journeys: who goes where, and when."""
