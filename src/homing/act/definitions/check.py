"""Can this journey run? What the schema cannot see: where the arrows lead, and whether what is named exists.

Every fault names its node, so the canvas can show it there. A loop must hold a delay or a wait: one that only sends and
branches would turn for ever in one instant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from homing.act.definitions.campaign import Campaign
from homing.act.definitions.journey import Delay, EnterBySegment, Journey, Message, Node, WaitFor, ways
from homing.act.words import Words, both


class Fault(NamedTuple):
    """Something that must be mended before publishing; `node` is None when it is the whole document."""

    node: str | None
    message: Words


def check_journey(
    journey: Journey, *, contents: Mapping[str, str], segments: Collection[str], channels: Collection[str]
) -> list[Fault]:
    """The faults of a journey, in the order of its nodes.

    Args:
        journey: the document.
        contents: id of each content to its channel.
        segments: ids of the segments there are.
        channels: names of the channels there are.

    Returns:
        The faults; none means it can be published.
    """
    faults = [*_shape(journey), *_loops(journey)]
    if isinstance(journey.entry, EnterBySegment) and journey.entry.segment not in segments:
        faults.append(_absent(None, "segment", "人群", journey.entry.segment))
    for node in journey.nodes:
        if isinstance(node, Message):
            faults += _message(node, contents, channels)
    return faults


def check_campaign(
    campaign: Campaign, *, journeys: Mapping[str, Journey], segments: Collection[str], taken: Mapping[str, str]
) -> list[Fault]:
    """The faults of a campaign.

    Args:
        campaign: the document.
        journeys: id of each journey to its document.
        segments: ids of the segments there are.
        taken: journey id to the live campaign that runs it.

    Returns:
        The faults; none means it can be published.
    """
    faults = []
    if campaign.segment not in segments:
        faults.append(_absent(None, "segment", "人群", campaign.segment))
    journey = journeys.get(campaign.journey)
    if journey is None:
        faults.append(_absent(None, "journey", "旅程", campaign.journey))
    elif isinstance(journey.entry, EnterBySegment) and journey.entry.segment != campaign.segment:
        faults.append(
            Fault(None, both(f"the journey is entered from segment {journey.entry.segment}, the campaign is about"
                             f" {campaign.segment}: wanted the same",
                             f"旅程的入口人群是 {journey.entry.segment}，活动的人群是 {campaign.segment}，两者应一致"))
        )  # fmt: skip
    other = taken.get(campaign.journey)
    if other is not None and other != campaign.id:
        faults.append(Fault(None, both(f"campaign {other} runs this journey already", f"该旅程已被活动 {other} 使用")))
    return faults


def _shape(journey: Journey) -> Iterator[Fault]:
    known = Counter(n.id for n in journey.nodes)
    for name, times in known.items():
        if times > 1:
            yield Fault(name, both(f"{times} nodes have this id, wanted one", f"有 {times} 个节点使用同一 id"))
    for node in journey.nodes:
        for to in ways(node):
            if to not in known:
                yield Fault(node.id, both(f"leads to {to}, which is no node", f"指向不存在的节点 {to}"))
    reached = _reached(journey)
    for node in journey.nodes:
        if node.id not in reached:
            yield Fault(node.id, both("no way leads here", "没有任何路径到达该节点"))


def _reached(journey: Journey) -> set[str]:
    nodes = {n.id: n for n in journey.nodes}
    seen: set[str] = set()
    todo = [journey.nodes[0].id]
    while todo:
        name = todo.pop()
        if name in nodes and name not in seen:
            seen.add(name)
            todo += ways(nodes[name])
    return seen


def _loops(journey: Journey) -> Iterator[Fault]:
    """Nodes on a loop that never waits, found by removing what is on none: no way in or no way out."""
    quick = {n.id: set(ways(n)) for n in journey.nodes if not _holds_time(n)}
    while True:
        dead = {name for name, to in quick.items() if not to & quick.keys()}
        if not dead:
            break
        quick = {name: to for name, to in quick.items() if name not in dead}
    for node in journey.nodes:
        if node.id in quick and _returns(node.id, quick):
            yield Fault(node.id, both("on a loop without a delay or a wait", "处于没有等待的循环中"))


def _returns(start: str, to: Mapping[str, set[str]]) -> bool:
    seen: set[str] = set()
    todo = list(to[start])
    while todo:
        name = todo.pop()
        if name == start:
            return True
        if name in to and name not in seen:
            seen.add(name)
            todo += to[name]
    return False


def _holds_time(node: Node) -> bool:
    return isinstance(node, Delay | WaitFor)


def _message(node: Message, contents: Mapping[str, str], channels: Collection[str]) -> Iterator[Fault]:
    if node.channel not in channels:
        yield _absent(node.id, "channel", "渠道", node.channel)
    if node.content not in contents:
        yield _absent(node.id, "content", "内容", node.content)
    elif contents[node.content] != node.channel:
        made_for = contents[node.content]
        yield Fault(
            node.id,
            both(f"the content is made for {made_for}, the node sends by {node.channel}",
                 f"内容适用于 {made_for}，而节点使用 {node.channel}"),
        )  # fmt: skip


def _absent(node: str | None, what_en: str, what_zh: str, name: str) -> Fault:
    return Fault(node, both(f"there is no {what_en} {name}", f"没有名为 {name} 的{what_zh}"))
