"""What happened? Questions to the warehouse, each with the instant it is as of."""

from homing.insights.catalogue import OPERATORS, Catalogue, catalogue
from homing.insights.funnel import Funnel, FunnelResult, FunnelStep, funnel
from homing.insights.metrics import DayFigures, Totals, overview_days, totals
from homing.insights.rfm import RfmCell, RfmGrid, RfmSpot, rfm_grid
from homing.insights.trend import METRICS, Trend, trend

__all__ = [
    "METRICS",
    "OPERATORS",
    "Catalogue",
    "DayFigures",
    "Funnel",
    "FunnelResult",
    "FunnelStep",
    "RfmCell",
    "RfmGrid",
    "RfmSpot",
    "Totals",
    "Trend",
    "catalogue",
    "funnel",
    "overview_days",
    "rfm_grid",
    "totals",
    "trend",
]
