"""What is known of a customer under a name: one definition, kept by the stream and computed by the warehouse."""

from homing.core.registry import definition_kinds
from homing.profile.traits.asof import Moment, Row, as_of, as_of_table, at_instant, everybody
from homing.profile.traits.definition import GROUPS, KIND, Trait, depends_on
from homing.profile.traits.percentiles import percentile_events
from homing.profile.traits.presets import presets
from homing.profile.traits.program import check
from homing.profile.traits.read import TraitRead, traits_of
from homing.profile.traits.stream import TraitStage, in_force
from homing.profile.traits.words import trait_sentences

definition_kinds[KIND] = Trait

__all__ = [
    "GROUPS", "KIND", "Moment", "Row", "Trait", "TraitRead", "TraitStage", "as_of", "as_of_table", "at_instant",
    "check", "depends_on", "everybody", "in_force", "percentile_events", "presets", "trait_sentences", "traits_of",
]  # fmt: skip
