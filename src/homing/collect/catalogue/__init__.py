"""What data is there, how sensitive is it, and what do people say of it?"""

from homing.collect.catalogue.detect import LEVELS, Detected, Level, detect
from homing.collect.catalogue.entries import (
    CLASSES,
    GRADES,
    Dataset,
    Entry,
    Field,
    Said,
    datasets_of,
    say,
    veil_of,
)
from homing.collect.catalogue.names import CUSTOMERS, dataset_of_event
from homing.collect.catalogue.scan import Scanned, scan

__all__ = [
    "CLASSES",
    "CUSTOMERS",
    "GRADES",
    "LEVELS",
    "Dataset",
    "Detected",
    "Entry",
    "Field",
    "Level",
    "Said",
    "Scanned",
    "dataset_of_event",
    "datasets_of",
    "detect",
    "say",
    "scan",
    "veil_of",
]
