"""How does a person read the demo's record? A few lines, the estimate beside the truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def summary(record: Mapping[str, Any]) -> str:
    """The record in words."""
    history, live, campaign, lift = record["history"], record["live"], record["campaign"], record["lift"]
    refused = ", ".join(f"{reason} {n}" for reason, n in campaign["refused"].items()) or "none"
    lines = [
        f"History   {history['customers']:,} customers, {history['orders']:,} orders, {history['revenue']:,.2f} USD",
        f"Live      {live['events']:,} events, {live['orders']:,} orders, {live['revenue']:,.2f} USD"
        f" in {record['world']['days']} days (simulated)",
        "Funnel    " + ", ".join(f"{s['name']} {s['people']:,}" for s in record["funnel"]),
        f"Campaign  {campaign['eligible']} eligible: {campaign['treated']} treated, {campaign['control']} held out;"
        f" {campaign['sent']} sent, {campaign['opened']} opened, {campaign['clicked']} clicked; refused: {refused}",
        *_lift(lift),
        f"Check     {record['duplicates_sent']} messages sent twice, {record['events_lost']} acknowledged events lost",
    ]
    return "\n".join(lines)


def _lift(lift: Mapping[str, Any]) -> list[str]:
    if lift["estimate"] is None:
        return [f"Lift      not known yet: {'; '.join(dict.fromkeys(lift['absent'].values()))}"]
    lines = [
        f"Lift      {lift['estimate']:+.3f} orders a customer in {lift['window_days']:g} days,"
        f" 95 % interval {lift['low']:+.3f} .. {lift['high']:+.3f}"
        f" ({lift['n_treated']} treated, {lift['n_control']} held out)",
        f"Truth     {lift['truth']:+.3f}, known to the simulator alone: the interval"
        f" {'covers' if lift['covered'] else 'misses'} it",
    ]
    money = lift["revenue"]
    if money:
        lines.append(
            f"          {money['estimate']:+.2f} USD a customer, {money['low']:+.2f} .. {money['high']:+.2f},"
            f" truth {money['truth']:+.2f}"
        )
    return lines
