"""People as two systems know them: the shop by user id, a club by member card; nothing else they share is a key."""

from __future__ import annotations

import random

from homing.core.event import Event, Id

GIVEN = ["amelia", "oliver", "isla", "george", "ava", "harry", "mia", "noah", "ivy", "jack", "lily", "leo", "freya",
         "arthur", "ella", "oscar", "grace", "theo", "rosie", "finley"]  # fmt: skip
FAMILY = ["hartley", "penrose", "whitcombe", "ashdown", "kettering", "lockwood", "marlow", "netherby", "ormond",
          "pickering", "quarles", "radcliffe", "selwyn", "thackeray", "underhill", "vexley", "wexford", "yardley",
          "zeller", "abernathy"]  # fmt: skip
STREETS = ["mill lane", "church road", "high street", "station road", "park avenue", "queens way", "orchard close"]
TOWNS = ["leeds", "york", "bath", "derby", "ripon", "truro"]


def two_systems(people: int, at_us: int, *, seed: int = 5) -> list[Event]:
    """An identify event of the shop and one of the club for each person; the club's hand slips now and then."""
    draw = random.Random(seed)
    events = []
    for n in range(people):
        said = {
            "first_name": draw.choice(GIVEN), "last_name": draw.choice(FAMILY),
            "birth_date": f"{draw.randint(1940, 2004)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}",
            "address": {"street": f"{draw.randint(1, 180)} {draw.choice(STREETS)}", "city": draw.choice(TOWNS),
                        "postal_code": f"ls{draw.randint(1, 28)} {draw.randint(1, 9)}{draw.choice('abdefg')}x"},
        }  # fmt: skip
        events.append(_said(f"shop-{n}", "shop", ("user_id", f"u{n}"), said, at_us))
        events.append(_said(f"club-{n}", "club", ("member_card", f"m{n}"), _slip(said, draw), at_us))
    return events


def _slip(said: dict, draw: random.Random) -> dict:
    name = said["last_name"]
    if draw.random() < 0.3:
        at = draw.randrange(1, len(name) - 1)
        name = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    slipped = said | {"last_name": name, "first_name": said["first_name"].upper()}
    if draw.random() < 0.15:
        slipped.pop("birth_date")
    if draw.random() < 0.1:
        slipped["address"] = said["address"] | {"street": "po box 7"}
    return slipped


def _said(name: str, source: str, who: tuple[str, str], traits: dict, at_us: int) -> Event:
    return Event(event_id=name, kind="identify", happened_us=at_us, source_id=source, ids=(Id(*who),), traits=traits)
