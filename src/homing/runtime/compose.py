"""Which parts make up this workspace? The one place that names the packages' own classes and joins them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from homing.act.journeys import JourneyRunner
from homing.act.ledger import LedgerBook
from homing.core.event import Id
from homing.core.settings import Settings
from homing.govern import ConsentBook
from homing.identity import Resolver, lookup
from homing.profile import ProfileBook
from homing.runtime.facts import StageFacts
from homing.runtime.stages import Stages
from homing.segments import SegmentStream
from homing.storage.state import State
from homing.storage.warehouse import Warehouse


def stages_of(state: State, warehouse: Warehouse, settings: Settings) -> Stages:
    """The stages of the stream."""
    consent = ConsentBook(state)
    profile = ProfileBook(state, zone=settings.zone, currency=settings.currency)
    segments = SegmentStream(state, warehouse, profile.trait_of)
    ledger = LedgerBook(state)
    facts = StageFacts(consent, profile, segments, settings)
    journeys = JourneyRunner(state, facts, settings, ledger)
    return Stages(Resolver(state), consent, profile, segments, journeys, ledger)


def customer_of(conn: Connection, ids: Sequence[Id], offset: int) -> str | None:
    """Whom the event at that offset is about."""
    return lookup(conn, ids, offset)
