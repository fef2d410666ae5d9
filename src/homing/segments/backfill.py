"""How does a segment start, or change, without missing or doubling anything that happened before?

It happens inside the stream's thread, between two batches, with the warehouse standing exactly where the stream stands.
What a new leaf must remember is read from the warehouse; then every customer is judged once. Existing members of a new
segment enter it at that instant. Taking a segment back is not leaving it: no event says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection, bindparam, delete

from homing.core.condition import Condition, dump, fingerprint
from homing.core.errors import InvalidInput
from homing.core.turn import MembershipChange, Turn
from homing.profile.marks import trees as mark_trees
from homing.segments.compile import matching, tally
from homing.segments.definition import KIND, tree_of, written_out
from homing.segments.leaves import Count, Leaf, Memory, Sum
from homing.segments.person import Person
from homing.storage import definitions
from homing.storage.definitions import Definition
from homing.storage.schema import segment_build, segment_member
from homing.storage.state.store import upsert
from homing.storage.warehouse import Warehouse

if TYPE_CHECKING:
    from homing.segments.program import Bit
    from homing.segments.stream import SegmentStream

ASKER = "journey:"  # begins the names of those who only ask; no segment's id has a colon
CHUNK = 20_000  # customers judged between two writes


def publish(
    stream: SegmentStream, definition: Definition | str, turn: Turn, conn: Connection
) -> list[MembershipChange]:
    """Bring a segment into force in the given version, or take it back (any status but live).

    Of a tag or a lifecycle the owner of its marks is given: all marks are read again from what is live.

    Raises:
        InvalidInput: the condition names a segment that does not exist, or leads back to itself.
    """
    versions = {d.id: d for d in definitions.published(conn, KIND) if d.status == "live"}
    running = stream.program.trees
    if isinstance(definition, str):
        trees = {name: running.get(name) or _tree(conn, known, None) for name, known in versions.items()}
    else:
        versions.pop(definition.id, None)
        trees = {name: _tree(conn, known, running.get(name)) for name, known in versions.items()}
    if not isinstance(definition, str) and definition.status == "live":
        versions[definition.id] = definition
        trees[definition.id] = written_out(conn, tree_of(definition.document), segment=definition.id)
    marks = {name: written_out(conn, tree) for name, tree in mark_trees(conn).items()}
    anew = [name for name in marks if isinstance(definition, str) and name.startswith(f"{definition}#")]
    changes = restart(stream, trees | marks, stream.program.asked, turn, conn, also=anew)
    conn.execute(delete(segment_build).where(segment_build.c.segment_id.not_like(f"{ASKER}%")))
    rows = [
        {"segment_id": name, "version": versions[name].version, "condition": dump(tree), "log_offset": turn.offset}
        for name, tree in trees.items()
    ]
    rows += [
        {"segment_id": name, "version": 0, "condition": dump(tree), "log_offset": turn.offset}
        for name, tree in marks.items()
    ]
    upsert(conn, segment_build, rows)
    return changes


def watch(stream: SegmentStream, asker: str, conditions: tuple[Condition, ...], turn: Turn, conn: Connection) -> None:
    """Be able to answer these conditions too from now on; none takes all of the asker's back."""
    asked = dict(stream.program.asked)
    if conditions:
        known = {fingerprint(tree): tree for tree in (*asked.get(asker, ()), *conditions)}
        if len(known) == len(asked.get(asker, ())):
            return
        conditions = asked[asker] = tuple(known.values())
    elif asked.pop(asker, None) is None:
        return
    restart(stream, stream.program.trees, asked, turn, conn)
    conn.execute(delete(segment_build).where(segment_build.c.segment_id == asker))
    if conditions:
        row = {"segment_id": asker, "version": 0, "log_offset": turn.offset}
        upsert(conn, segment_build, [row | {"condition": {"type": "asked", "of": [dump(tree) for tree in conditions]}}])


def again(stream: SegmentStream, turn: Turn, conn: Connection) -> list[MembershipChange]:
    """Remember and judge everything anew: what may be read has changed."""
    return restart(stream, stream.program.trees, stream.program.asked, turn, conn, anew=True)


def restart(
    stream: SegmentStream, trees: Mapping[str, Condition], asked: Mapping[str, tuple[Condition, ...]], turn: Turn,
    conn: Connection, *, anew: bool = False, also: Collection[str] = (),
) -> list[MembershipChange]:  # fmt: skip
    """Judge these segments from now on, each customer's memory brought up to what the warehouse holds."""
    old = stream.program
    removed = sorted(old.trees.keys() - trees.keys())
    changed = sorted(
        name for name, tree in trees.items() if anew or name in also or not _same(old.trees.get(name), tree)
    )
    stream.run(trees, asked)
    fresh = {key: leaf for key, leaf in stream.program.leaves.items() if anew or key not in old.leaves}
    found = {key: remembered(stream.warehouse, leaf, turn) for key, leaf in fresh.items()}
    keep = stream.program.leaves.keys() - fresh.keys()
    known = {} if anew else old.bits
    moved = [(known[key], bit) for key, bit in stream.program.bits.items() if key in known]
    unknown = [bit for key, bit in stream.program.bits.items() if key not in known]
    stream.standings.again(stream.everybody(conn))
    for n, customer in enumerate(stream.everybody(conn), start=1):
        person, new = stream.person(customer)
        person.memories = {key: memory for key, memory in person.memories.items() if key in keep}
        for key, memories in found.items():
            if customer in memories:
                person.memories[key] = memories[customer]
        stream.standings.note(customer, person)
        for segment in removed:
            stream.drop(customer, person, segment)
        _renumber(person, moved)
        stream.judge(customer, person, unknown if not new else stream.program.by_place, turn,
                     segments=trees if new else changed)  # fmt: skip
        if n % CHUNK == 0:
            _let_go(stream, conn)
    _let_go(stream, conn)
    gone = [{"s": segment} for segment in removed]
    if gone:
        conn.execute(delete(segment_member).where(segment_member.c.segment_id == bindparam("s")), gone)
    return stream.taken()


def remembered(warehouse: Warehouse, leaf: Leaf, turn: Turn) -> dict[str, Memory]:
    """What the leaf would remember of each customer, had it watched from the beginning."""
    if leaf.window_us is None and isinstance(leaf, Count | Sum):
        limit = leaf.keep if isinstance(leaf, Count) else None
        rows = warehouse.ask(tally(leaf, turn.now_us, before_offset=turn.offset))
        return {customer: [n if limit is None else min(limit, n)] for customer, n in rows}
    memories: dict[str, Memory] = {}
    for customer, happened_us, offset, value in warehouse.ask(matching(leaf, turn.now_us, before_offset=turn.offset)):
        item = [happened_us, offset, None if value is None else msgspec.json.decode(value)]
        memory = leaf.add(memories.get(customer), item, turn.now_us)
        if memory is not None:
            memories[customer] = memory
    return memories


def _let_go(stream: SegmentStream, conn: Connection) -> None:
    stream.flush(conn)
    if stream.owners is not None:
        stream.owners.let_go(conn)


def _renumber(person: Person, moved: list[tuple[Bit, Bit]]) -> None:
    """What is known of predicates that stay, under their new places."""
    mask, until = person.mask, person.until
    person.mask = sum(new.flag for old, new in moved if mask & old.flag)
    person.until = {new.place: until[old.place] for old, new in moved if old.place in until}


def _same(one: Condition | None, other: Condition) -> bool:
    return one is not None and fingerprint(one) == fingerprint(other)


def _tree(conn: Connection, known: Definition, running: Condition | None) -> Condition:
    try:
        return written_out(conn, tree_of(known.document), segment=known.id)
    except InvalidInput:  # a segment it names was taken back: it goes on as it runs
        if running is None:
            raise
        return running
