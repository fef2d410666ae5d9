"""Which identifiers are one person? Links with evidence, merges with a ledger, never two immutable ids joined."""

from homing.identity.graph import Merge, Resolution
from homing.identity.history import History
from homing.identity.read import Identity, identity_of
from homing.identity.resolver import Resolver
from homing.identity.winners import alias_map, lookup, lookup_many, winner_of

__all__ = [
    "History",
    "Identity",
    "Merge",
    "Resolution",
    "Resolver",
    "alias_map",
    "identity_of",
    "lookup",
    "lookup_many",
    "winner_of",
]
