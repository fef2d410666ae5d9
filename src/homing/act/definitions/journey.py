"""What may a journey do? An entry, nodes joined by `next`, and rules for coming again and for leaving.

The first node is where everyone begins; a node without `next` is an end. Exit rules act on the event itself, wherever
the visit stands.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from homing.core.condition import Condition, Where
from homing.core.document import BothText, Document, Duration, Slug, TimeOfDay
from homing.core.time import duration_us

DEFAULT_TIME = "10:00"  # delay_until a trait the customer has not


def _waits(text: str) -> str:
    if duration_us(text) <= 0:
        raise ValueError("a wait of nothing, wanted at least 1s")
    return text


Wait = Annotated[Duration, AfterValidator(_waits)]


class EventMatch(Document):
    """An event by name, and what must hold of its properties."""

    event: str = Field(min_length=1)
    where: tuple[Where, ...] = ()


class EnterBySegment(Document):
    """Becoming a member starts a visit."""

    type: Literal["segment"] = "segment"
    segment: Slug
    existing: bool = Field(False, description="those who are members when the journey is published enter too")


class EnterByEvent(EventMatch):
    """An event starts a visit."""

    type: Literal["event"] = "event"


class Reentry(Document):
    """May someone come again? Never, each time, or `after` a while since the last entry; never twice at once."""

    type: Literal["never", "after", "each"] = "never"
    after: Duration | None = None

    @model_validator(mode="after")
    def _says_when(self) -> Reentry:
        if (self.type == "after") != (self.after is not None):
            raise ValueError("`after` goes with type after, and only with it")
        return self


class Step(Document):
    """What every node has."""

    id: Slug
    name: BothText | None = None


class Delay(Step):
    """Wait an exact time."""

    type: Literal["delay"] = "delay"
    length: Wait = Field(alias="for")
    next: Slug | None = None


class DelayUntil(Step):
    """Wait for a time of day, today or tomorrow: fixed, or the hour a trait names (`active_hour`)."""

    type: Literal["delay_until"] = "delay_until"
    time: TimeOfDay = Field(DEFAULT_TIME, description="also where the customer has not the trait")
    trait: str | None = None
    zone: Literal["customer", "workspace"] = "customer"
    next: Slug | None = None


class Message(Step):
    """Send a content, if the gate lets it pass; go on either way."""

    type: Literal["message"] = "message"
    content: Slug
    channel: str = "email"
    next: Slug | None = None


class Awaited(EventMatch):
    """An event and where it leads."""

    to: Slug


class WaitFor(Step):
    """Wait for the first of several events, at most until the time-out.

    What happened before the step was reached does not count, unless `already` is `since_entry`: then an event since the
    visit began leads on at once.
    """

    type: Literal["wait_for"] = "wait_for"
    events: tuple[Awaited, ...] = Field(min_length=1)
    timeout: Wait
    timeout_to: Slug
    already: Literal["ignore", "since_entry"] = "ignore"


class Branch(Step):
    """Go one of two ways, by what is known of the customer at this moment."""

    type: Literal["branch"] = "branch"
    condition: Condition
    yes: Slug
    no: Slug


class Exit(Step):
    """The end."""

    type: Literal["exit"] = "exit"


Node = Annotated[Delay | DelayUntil | Message | WaitFor | Branch | Exit, Field(discriminator="type")]
Entry = Annotated[EnterBySegment | EnterByEvent, Field(discriminator="type")]


class Journey(Document):
    """A journey as it is written down."""

    kind: Literal["journey"] = "journey"
    id: Slug
    name: BothText
    entry: Entry
    reentry: Reentry = Reentry()
    exit_on: tuple[EventMatch, ...] = ()
    purpose: str = "marketing"
    nodes: tuple[Node, ...] = Field(min_length=1, max_length=200)


def ways(node: Node) -> tuple[str, ...]:
    """The ids of the nodes one may go to from here."""
    match node:
        case WaitFor():
            return (*(a.to for a in node.events), node.timeout_to)
        case Branch():
            return (node.yes, node.no)
        case Exit():
            return ()
        case _:
            return (node.next,) if node.next else ()
