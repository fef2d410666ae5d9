"""Did it work? Reads what the campaign's control group did, and says how much more the others did, with an interval."""

from homing.learn.experiments import Experiment, Outcomes, outcomes_of
from homing.learn.lift import Lift, lift
from homing.learn.readout import Readout, read_campaign

__all__ = ["Experiment", "Lift", "Outcomes", "Readout", "lift", "outcomes_of", "read_campaign"]
