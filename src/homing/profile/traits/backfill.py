"""How does a trait start, or change, without missing or doubling anything that happened before?

It happens inside the stream's thread, between two batches, with the warehouse standing exactly where the stream stands.
What a new memory must hold is read from the warehouse, in the order of the log, so that a replay makes the same bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection

from homing.core.event import Event
from homing.core.query import Query
from homing.core.turn import Turn
from homing.profile.traits.definition import Trait
from homing.profile.traits.leanings import Leaning
from homing.profile.traits.memories import EverCount, EverSum, Leaf, Memory, Times
from homing.profile.traits.paths import getter, read_path
from homing.profile.traits.readers import lines_getter
from homing.profile.traits.said import Words
from homing.profile.traits.source import Source
from homing.storage.warehouse import Warehouse

if TYPE_CHECKING:
    from homing.profile.traits.stream import TraitStage

CHUNK = 20_000  # customers between two writes
Found = dict[str, dict[str, Memory]]


def restart(
    stage: TraitStage, traits: Collection[tuple[Trait, int]], turn: Turn, conn: Connection, *, anew: bool = False
) -> None:
    """Keep these traits from now on, each customer's memory brought up to what the warehouse holds."""
    old = frozenset() if anew else frozenset(stage.program.leaves)
    stage.run(traits)
    leaves = stage.program.leaves
    fresh = [leaf for key, leaf in leaves.items() if key not in old]
    found = remembered(stage.warehouse, fresh, stage.zone, turn)
    kept = leaves.keys() & old
    people = sorted({*stage.held.everybody(conn), *found})
    for n, customer in enumerate(people, start=1):
        person = stage.held.find(customer)
        known = {key: m for key, m in person.memories.items() if key in kept} if person is not None else {}
        known |= found.pop(customer, {})
        if person is None or person.memories.keys() != known.keys() or anew:
            if not known and person is not None:
                stage.arm(customer, person, turn)
                stage.held.drop(customer)
                continue
            person = _new(stage, customer, known)
        else:
            person.memories = known
        stage.held.put(customer, person)
        stage.arm(customer, person, turn)
        if n % CHUNK == 0:
            stage.flush(conn)
    stage.flush(conn)


def _new(stage: TraitStage, customer: str, memories: dict[str, Memory]) -> Any:
    person = stage.held.find(customer)
    if person is None:
        from homing.profile.traits.stream import Person  # noqa: PLC0415 - the stage imports this module

        return Person(memories)
    person.memories = memories
    return person


def remembered(
    warehouse: Warehouse, leaves: Iterable[Leaf], zone: ZoneInfo, turn: Turn
) -> Found:  # fmt: skip
    """What these memories would hold of each customer, had they watched from the beginning.

    Args:
        warehouse: loaded up to the turn's offset.
        leaves: the memories.
        zone: the workspace's.
        turn: the instant, and the offset before which events count.
    """
    found: Found = {}
    for leaf in leaves:
        for part in _parts(leaf):
            _fill(warehouse, leaf, part, zone, turn, found)
    return found


def _parts(leaf: Leaf) -> list[tuple[str, tuple[Any, ...], str | None, int]]:
    """(event, filter, path, weight) of every kind of event that a memory takes."""
    if isinstance(leaf, Leaning):
        return [(s.event, s.where, s.key, s.weight) for s in leaf.extra[1]]
    return [(leaf.event, leaf.where, leaf.path, 0)]


def _fill(  # noqa: PLR0917 - what one read needs
    warehouse: Warehouse, leaf: Leaf, part: tuple[str, tuple[Any, ...], str | None, int], zone: ZoneInfo, turn: Turn,
    found: Found,
) -> None:  # fmt: skip
    """One memory, from one kind of event."""
    event, where, path, weight = part
    source = Source(zone, (0, turn.now_us))
    if isinstance(leaf, Words):
        _hear(warehouse, leaf, source, turn, found)
        return
    keep = source.keep(event, where)
    source.window(leaf.window_us, turn.now_us)
    also = _also(source, turn)
    if isinstance(leaf, Times | EverCount) or (isinstance(leaf, EverSum) and not read_path(str(leaf.path)).many):
        what = _summed(leaf, source)
        sql = f"WITH matched AS ({source.rows(also)})\nSELECT customer_id, {what} FROM matched WHERE {keep}"
        for customer, *memory in warehouse.ask(Query(f"{sql} GROUP BY customer_id", source.params)):
            made = memory[0] if isinstance(leaf, Times) else [_plain(one) for one in memory]
            if made[0]:
                found.setdefault(customer, {})[leaf.key] = made
        return
    root, get = _taken(leaf, path, zone)
    payload = f"CAST(CAST({root.format(name=source.bind(_root(path)))} AS JSON) AS VARCHAR)" if root else "NULL"
    rows = source.rows(also).replace("\n  FROM events", f",\n    {payload} AS payload\n  FROM events", 1)
    sql = f"WITH matched AS ({rows})\nSELECT customer_id, happened_us, log_offset, source_id, payload FROM matched" \
        f" WHERE {keep} ORDER BY log_offset"  # fmt: skip
    for customer, happened_us, offset, origin, text in warehouse.ask(Query(sql, source.params)):
        value = get(_event(path, happened_us, origin, None if text is None else msgspec.json.decode(text)))
        memories = found.setdefault(customer, {})
        item = (weight, value) if weight else value
        grown = leaf.add(memories.get(leaf.key), happened_us, offset, item, turn.now_us)
        if grown is not None:
            memories[leaf.key] = grown


def _also(source: Source, turn: Turn) -> str:
    return f" AND happened_us <= {source.bind(turn.now_us)} AND log_offset < {source.bind(turn.offset)}"


def _summed(leaf: Leaf, source: Source) -> str:
    if isinstance(leaf, Times):
        return "list(happened_us ORDER BY happened_us)"
    if isinstance(leaf, EverCount):
        return "count(*), min(happened_us), max(happened_us)"
    forms = source.forms(str(leaf.path))
    units = forms.units()
    there = f"FILTER (WHERE ({units}) IS NOT NULL)"
    return (
        f"count({units}), sum({units}), min({forms.number}) {there}, max({forms.number}) {there},"
        f" max(happened_us) {there}"
    )


def _taken(leaf: Leaf, path: str | None, zone: ZoneInfo) -> tuple[str, Any]:
    """The SQL of the payload that is needed, and what takes the value out of an event made of it."""
    if path is None:
        return "", lambda _event: None
    if path.startswith("lines:"):
        return "variant_extract(properties, {name})", lines_getter(*leaf.extra[1:])
    read = read_path(path)
    get = getter(read, zone)
    if read.kind == "context":
        return "variant_extract(context, {name})", get
    return ("" if read.kind.startswith("$") else "variant_extract(properties, {name})"), get


def _root(path: str | None) -> str:
    """The outermost name of a path."""
    if path is None:
        return ""
    if path.startswith("lines:"):
        return path.removeprefix("lines:")
    steps = read_path(path).steps
    return steps[0] if steps else ""


def _event(path: str | None, happened_us: int, source_id: str, payload: Any) -> Event:
    held = {_root(path): payload}
    in_context = path is not None and not path.startswith("lines:") and read_path(path).kind == "context"
    return Event(event_id="", kind="track", happened_us=happened_us, source_id=source_id,
                 properties={} if in_context else held, context=held if in_context else {})  # fmt: skip


def _hear(warehouse: Warehouse, leaf: Words, source: Source, turn: Turn, found: Found) -> None:
    """What was said under a name."""
    from homing.profile.traits.stream import hears, said_by  # noqa: PLC0415 - the stage imports this module

    name = source.bind(leaf.extra[1])
    sql = (
        "SELECT customer_id, happened_us, log_offset, source_id,"
        f" CAST(CAST(variant_extract(traits, {name}) AS JSON) AS VARCHAR),"
        " CAST(CAST(variant_extract(context, 'computed') AS JSON) AS VARCHAR) FROM events"
        f" WHERE kind = 'identify' AND customer_id IS NOT NULL"
        f" AND list_contains(json_keys(CAST(traits AS JSON)), {name}){_also(source, turn)} ORDER BY log_offset"
    )
    for customer, happened_us, offset, origin, said, computed in warehouse.ask(Query(sql, source.params)):
        context = {"computed": msgspec.json.decode(computed)} if computed is not None else {}
        by, version = said_by(Event(event_id="", kind="identify", happened_us=0, source_id=origin, context=context))
        if not hears(leaf, by, version):
            continue
        memories = found.setdefault(customer, {})
        word = [None if said is None else msgspec.json.decode(said), origin, version]
        memory = leaf.add(memories.get(leaf.key), happened_us, offset, word, turn.now_us)
        if memory is not None:
            memories[leaf.key] = memory


def _plain(value: Any) -> Any:
    return int(value) if value is not None and not isinstance(value, float) else value
