"""How fast are identifiers resolved? Ten million of them from scratch beside scipy, one new link live, a shared device.

The links are those of customers: each identifier but a customer's first is linked to an earlier one, all in random
order. Every figure of the bulk resolution is taken in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from homing.core.event import Event, Id
from homing.core.turn import Turn
from homing.demo.bench.row import BenchRow
from homing.identity import Resolver, bulk
from homing.storage.state import State

GOAL_CPU_S, GOAL_GIB, GOAL_EDGE_US = 2.0, 2.0, 50.0
HUB, LARGEST = 50, 1_000
TABLET_PEOPLE = 100_000
KIB_A_GIB = 1 << 20
KINDS = ("email:", "phone:+44", "device_id:", "anonymous_id:")


def run(nodes: int = 10_000_000, edges: int = 10_000_000, live: int = 20_000) -> list[BenchRow]:
    """The rows of the bench."""
    ours, check = _alone(_components, nodes, edges)
    guarded, _ = _alone(_guarded, nodes, edges)
    bare, anchor_check = _alone(_scipy, nodes, edges)
    typed, _ = _alone(_typed, nodes, edges)
    size = f"{nodes:,} ids, {edges:,} links"
    free, peak, hubs = _tablet()
    edge_us, committed_us = _live(live)
    scipy = "scipy connected_components"
    return [
        BenchRow("identity.resolve", round(ours[0], 3), f"s of CPU for {size}", scipy, round(bare[0], 3), GOAL_CPU_S,
                 "lower"),
        BenchRow("identity.resolve_memory", round(ours[1], 3), "GiB at most, the links included", scipy,
                 round(bare[1], 3), GOAL_GIB, "lower"),
        BenchRow("identity.resolve_guarded", round(guarded[0], 3), f"s of CPU, hubs over {HUB}, at most {LARGEST}",
                 scipy, round(bare[0], 3), GOAL_CPU_S, "lower"),
        BenchRow("identity.resolve_guarded_memory", round(guarded[1], 3), "GiB at most", scipy, round(bare[1], 3),
                 GOAL_GIB, "lower"),
        BenchRow("identity.partitions_that_differ", float(check != anchor_check), "of 1", goal=0, better="equal"),
        BenchRow("identity.resolve_typed", round(typed[0], 3), "s of CPU from typed identifiers as text"),
        BenchRow("identity.resolve_typed_memory", round(typed[1], 3), "GiB at most, the texts included"),
        BenchRow("identity.peak_component", peak, f"ids, a device of {TABLET_PEOPLE:,} people", "without the guard",
                 free, LARGEST, "lower"),
        BenchRow("identity.shared_found", hubs, "devices", goal=1, better="equal"),
        BenchRow("identity.new_edge", round(edge_us, 1), f"us of CPU an event with a new link, of {live:,}",
                 goal=GOAL_EDGE_US, better="lower"),
        BenchRow("identity.new_edge_written", round(committed_us, 1), "us with the rows written"),
    ]  # fmt: skip


def links(nodes: int, edges: int, seed: int = 1) -> tuple[bulk.Ints, bulk.Ints]:
    """The links of customers of four identifiers on average, numbered and ordered at random; some are told twice."""
    draw = np.random.default_rng(seed)
    owner = np.sort(draw.integers(0, max(1, nodes // 4), nodes, dtype=np.int32))
    first = np.searchsorted(owner, owner).astype(np.int32)
    a = np.arange(nodes, dtype=np.int32)
    b = (first + draw.random(nodes, dtype=np.float32) * (a - first)).astype(np.int32)
    at = draw.integers(0, nodes, edges) if edges != nodes else draw.permutation(nodes)
    names = draw.permutation(nodes).astype(np.int32)
    return names[a[at]], names[b[at]]


def _alone(work: Callable[[int, int], tuple[float, Any]], nodes: int, edges: int) -> tuple[tuple[float, float], Any]:
    """(CPU seconds, peak GiB) of `work` in a process of its own, and what it answered."""
    with get_context("spawn").Pool(1) as pool:
        cpu, answer, peak = pool.apply(_watched, (work, nodes, edges))
    return (cpu, peak), answer


def _watched(work: Callable[[int, int], tuple[float, Any]], nodes: int, edges: int) -> tuple[float, Any, float]:
    cpu, answer = work(nodes, edges)
    return cpu, answer, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_A_GIB


def _components(nodes: int, edges: int) -> tuple[float, Any]:
    a, b = links(nodes, edges)
    bulk.components(4, a[:0], b[:0])  # compiled, and the code loaded
    began = time.process_time()
    labels = bulk.components(nodes, a, b)
    return time.process_time() - began, _sum(labels)


def _guarded(nodes: int, edges: int) -> tuple[float, Any]:
    a, b = links(nodes, edges)
    bulk.components(4, a[:0], b[:0])
    began = time.process_time()
    found = bulk.resolve(nodes, a, b, hub=HUB, largest=LARGEST)
    return time.process_time() - began, _sum(found.labels)


def _scipy(nodes: int, edges: int) -> tuple[float, Any]:
    from scipy.sparse import coo_matrix  # noqa: PLC0415 - the anchor's own memory
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    a, b = links(nodes, edges)
    began = time.process_time()
    graph = coo_matrix((np.ones(edges, np.int8), (a, b)), shape=(nodes, nodes)).tocsr()
    count, labels = connected_components(graph, directed=False)
    cpu = time.process_time() - began
    smallest = np.full(count, nodes, np.int32)
    np.minimum.at(smallest, labels, np.arange(nodes, dtype=np.int32))
    return cpu, _sum(smallest[labels])


def _typed(nodes: int, edges: int) -> tuple[float, Any]:
    a, b = links(nodes, edges)
    kinds = pa.array(KINDS).take(pa.array(np.arange(nodes) % len(KINDS)))
    names = pc.binary_join_element_wise(kinds, pa.array(np.arange(nodes)).cast(pa.string()), "")
    ends = pa.chunked_array([names.take(pa.array(a)), names.take(pa.array(b))])
    bulk.components(4, a[:0], b[:0])
    del names, kinds, a, b
    began = time.process_time()
    numbers, different = bulk.numbered(ends)
    labels = bulk.components(different, numbers[:edges], numbers[edges:])
    return time.process_time() - began, _sum(labels)


def _sum(labels: bulk.Ints) -> int:
    """A mark of the partition: two that differ have different ones, but for chance."""
    weights = np.arange(len(labels), dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return int((labels.astype(np.uint64) * (weights | np.uint64(1))).sum())


def _tablet() -> tuple[int, int, int]:
    """Largest component without and with the guard, and how many shared devices it found."""
    people = np.arange(TABLET_PEOPLE, dtype=np.int32)
    phones, device = people + TABLET_PEOPLE, np.full(TABLET_PEOPLE, 2 * TABLET_PEOPLE, np.int32)
    a, b = np.concatenate((people, people)), np.concatenate((phones, device)).astype(np.int32)
    free = bulk.resolve(2 * TABLET_PEOPLE + 1, a, b)
    guarded = bulk.resolve(2 * TABLET_PEOPLE + 1, a, b, hub=HUB, largest=LARGEST)
    return int(free.sizes[0]), int(guarded.sizes[0]), len(guarded.hubs)


def _live(events: int) -> tuple[float, float]:
    """Microseconds an event that brings a new link takes in the resolver, and with its rows written."""
    with TemporaryDirectory() as folder:
        state = State(Path(folder) / "state.db")
        resolver = Resolver(state)
        for n in range(events):
            resolver.resolve(_event(n, Id("user_id", f"u{n}")), Turn(n, n))
        with state.write() as conn:
            resolver.flush(conn)
        began = time.process_time()
        for n in range(events):
            named = Id("user_id", f"u{n}"), Id("device_id", f"d{n}")
            resolver.resolve(_event(events + n, *named), Turn(events + n, events + n))
        resolved = time.process_time() - began
        with state.write() as conn:
            resolver.flush(conn)
        written = time.process_time() - began
        state.close()
    return resolved / events * 1e6, written / events * 1e6


def _event(n: int, *ids: Id) -> Event:
    return Event(event_id=f"e{n}", kind="track", name="Seen", happened_us=n, source_id="bench", ids=ids)
