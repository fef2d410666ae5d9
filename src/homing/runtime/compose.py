"""Which parts make up this workspace? The one place that names the packages' own classes and joins them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from sqlalchemy import Connection

from homing.act.channels import make
from homing.act.content import Writer
from homing.act.journeys import JourneyRunner
from homing.act.ledger import LedgerBook
from homing.act.sender import Sender
from homing.act.tracking import Tracker
from homing.core.event import Id
from homing.core.settings import Settings
from homing.decide.recommend import Recommender
from homing.govern import ConsentBook, workspace_secret
from homing.identity import History, Resolver, lookup_many
from homing.identity.link.answers import AnswerBook
from homing.profile import ProfileBook, nightly_events
from homing.profile.groups import GroupBook
from homing.profile.marks import MarkBook
from homing.profile.traits import TraitStage, in_force, percentile_events
from homing.runtime.facts import StageFacts
from homing.runtime.lending import Lending
from homing.runtime.stages import Stages
from homing.segments import SegmentStream
from homing.segments.stream import CAPACITY
from homing.storage.log import EventLog
from homing.storage.state import State
from homing.storage.warehouse import Warehouse


def stages_of(state: State, warehouse: Warehouse, settings: Settings, *, hot: int = CAPACITY) -> Stages:
    """The stages of the stream; `hot` says how many customers segments hold in memory."""
    consent = ConsentBook(state)
    profile = ProfileBook(state, zone=settings.zone, currency=settings.currency)
    traits = TraitStage(state, warehouse, zone=settings.zone)
    warehouse.defined_now = traits.in_warehouse

    def trait_of(customer_id: str, name: str) -> object:
        return traits.value_of(customer_id, name) if traits.defines(name) else profile.trait_of(customer_id, name)

    segments = SegmentStream(state, warehouse, trait_of, zone=settings.zone, capacity=hot)
    segments.owners = marks = MarkBook(state, profile, zone=settings.zone)
    ledger = LedgerBook(state)
    facts = StageFacts(consent, profile, segments, settings, trait_of)
    journeys = JourneyRunner(state, facts, settings, ledger)
    notes = (AnswerBook(), GroupBook(state, profile.trait_of))
    identity = Resolver(state, history=History(warehouse))
    return Stages(identity, consent, profile, segments, journeys, ledger, Lending(warehouse), marks, traits, notes)


def customers_of(conn: Connection, wanted: Sequence[tuple[Sequence[Id], int]]) -> Sequence[str | None]:
    """Whom events are about, each by its identifiers and its log offset."""
    return lookup_many(conn, wanted)


def scores(log: EventLog, state: State, warehouse: Warehouse, settings: Settings, as_of_us: int) -> int:
    """Judge every customer as of an instant and append what changed; return for how many it did."""
    changed = 0
    found = nightly_events(warehouse, state, as_of_us, zone=settings.zone, currency=settings.currency)
    with state.read() as conn:
        live = in_force(conn)
    for events in chain(found, percentile_events(warehouse, live, as_of_us, zone=settings.zone)):
        changed += sum(v.status == "accepted" for v in log.append(events, dedupe="ever")) if events else 0
    return changed


def sender_of(state: State, log: EventLog, warehouse: Warehouse, settings: Settings) -> Sender:
    """What hands messages over, with the channels the settings have."""
    tracker = Tracker(settings.base_url, workspace_secret(state, "tracking"))
    writer = Writer(state, settings, tracker, Recommender(warehouse))
    return Sender(state, log, make(settings), writer, settings)
