"""What does a message node do? Ask the gate, write the decision down, and go on; only quiet hours make it wait.

The question is asked again from the beginning after quiet hours: consent may be gone, a cap may be full.
"""

from __future__ import annotations

from dataclasses import replace

from homing.act import gate
from homing.act.definitions.campaign import Campaign
from homing.act.definitions.journey import Message
from homing.act.facts import Facts
from homing.act.gate import SERVICE, Candidate, Deferred, Refusal, Rules
from homing.act.journeys.plans import Plan
from homing.act.journeys.times import zone_for
from homing.act.journeys.visits import Visit
from homing.act.ledger import LedgerBook, Planned, send_key
from homing.core.event import Event, own_event
from homing.core.settings import Settings
from homing.core.turn import Turn


class MessageStep:
    """The deciding half of sending."""

    def __init__(self, facts: Facts, settings: Settings, ledger: LedgerBook) -> None:
        self._facts = facts
        self._settings = settings
        self._ledger = ledger

    def decide(
        self, plan: Plan, visit: Visit, node: Message, campaign: Campaign | None, turn: Turn
    ) -> tuple[bool, str | None]:
        """Decide about one message: (the visit waits, the next node)."""
        purpose = plan.journey.purpose
        address = self._facts.address(visit.customer_id, node.channel)
        key = send_key(visit.journey_id, visit.version, node.id, visit.visit_id, visit.steps)
        candidate = self._candidate(visit, node, purpose, address, turn.now_us)
        candidate = replace(candidate, earlier=self._ledger.earlier(visit.customer_id, turn.now_us, but=key))
        answer = gate.ask(candidate, self._rules(purpose, campaign))
        if isinstance(answer, Deferred):
            visit.due_us = answer.until_us
            turn.set_timer("journey", visit.visit_id, answer.until_us, visit.customer_id)
            return True, node.next
        planned = Planned(
            send_key=key,
            journey_id=visit.journey_id,
            version=visit.version,
            node=node.id,
            campaign_id=visit.campaign_id,
            visit_id=visit.visit_id,
            customer_id=visit.customer_id,
            channel=node.channel,
            purpose=purpose,
            content_id=node.content,
            address=address,
            arm=visit.arm,
            decided_us=turn.now_us,
            reason=answer.reason if isinstance(answer, Refusal) else None,
        )
        self._ledger.put(planned)
        if planned.reason is not None:
            turn.emit(refused(planned, planned.reason, turn.now_us))
        return False, node.next

    def _candidate(self, visit: Visit, node: Message, purpose: str, address: str | None, now_us: int) -> Candidate:
        who = visit.customer_id
        return Candidate(
            channel=node.channel,
            now_us=now_us,
            zone=zone_for(self._facts, who, self._settings.zone),
            objection=self._facts.objection(who, node.channel, purpose, address),
            arm=visit.arm,
        )

    def _rules(self, purpose: str, campaign: Campaign | None) -> Rules:
        if purpose == SERVICE:
            return Rules()
        caps = self._settings.caps if campaign is None or campaign.caps is None else campaign.caps
        return Rules(caps, self._settings.quiet_hours)


def refused(planned: Planned, reason: str, now_us: int) -> Event:
    """The event that tells why a message was not sent."""
    told = {
        "send_key": planned.send_key,
        "channel": planned.channel,
        "journey": planned.journey_id,
        "node": planned.node,
        "campaign": planned.campaign_id,
        "reason": reason,
    }
    return own_event(
        f"refused:{planned.send_key}",
        "Message Refused",
        planned.customer_id,
        now_us,
        {k: v for k, v in told.items() if v is not None},
    )
