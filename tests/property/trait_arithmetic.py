"""What is a trait worth by plain arithmetic? Every event looked at again, for each question, in the slowest way."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from homing.core.condition_values import matcher, number_of, units_of
from homing.core.event import Stored
from homing.core.time import DAY, zone_of

if TYPE_CHECKING:
    from trait_world import World

SECOND = 1_000_000
ZONE = "America/New_York"


class Hand:
    """One customer at one instant, computed from the list of her events."""

    def __init__(self, world: World, customer: str, at: int, known: str) -> None:
        self.traits, self.at = world.traits, at
        mine = [s for s, c in world.log if c is not None and world.customer(c) == world.customer(customer)]
        seen = [s for s in mine if s.event.happened_us <= at and (known == "happened" or s.received_us <= at)]
        self.events = sorted(seen, key=lambda s: (s.event.happened_us, s.offset))

    def shown(self, name: str) -> object:
        value = self.value(name)
        if isinstance(value, float):
            return _plain(value)
        return value

    def value(self, name: str):
        spec = self.traits[name].of
        return getattr(self, "_" + spec.type)(spec, name)

    # -- events
    def _matching(self, event: str, where, window: int | None = None) -> list[Stored]:
        out = []
        for s in self.events:
            e = s.event
            named = (
                e.name == event if event != "*" else e.kind in ("track", "page", "screen") and e.source_id != "homing"
            )
            passes = all(matcher(w.op, w.value)(e.properties.get(w.property)) for w in where)
            if named and passes and (window is None or e.happened_us > self.at - window):
                out.append(s)
        return out

    def _held(self, events: list[Stored], path: str) -> list:
        found = []
        for s in events:
            e = s.event
            if path.startswith("$"):
                from datetime import UTC, datetime

                local = datetime.fromtimestamp(e.happened_us // SECOND, UTC).astimezone(zone_of(ZONE))
                values = [{"$hour": local.hour, "$weekday": local.isoweekday(), "$source": e.source_id}[path]]
            elif path.startswith("context."):
                inner = e.context
                for step in path.split(".")[1:]:
                    inner = inner.get(step) if isinstance(inner, dict) else None
                values = [inner]
            elif "[]" in path:
                name, _, field = path.partition("[]")
                parts = e.properties.get(name)
                parts = parts if isinstance(parts, list) else []
                field = field.removeprefix(".")
                values = [p.get(field) if isinstance(p, dict) else None for p in parts] if field else parts
            else:
                values = [e.properties.get(path)]
            found += [plain for v in values if (plain := _plain(v)) is not None]
        return found

    def _aggregate(self, spec, _name):  # noqa: C901 - plain, not short
        events = self._matching(spec.event, spec.where, spec.window_us)
        times = [s.event.happened_us for s in events]
        if spec.measure == "count":
            return float(len(events))
        if spec.measure == "share":
            part = self._matching(spec.event, (*spec.where, *spec.part), spec.window_us)
            return len(part) / len(events) if events else None
        if spec.measure in ("first_at", "last_at"):
            from homing.core.time import iso

            return iso(times[0] if spec.measure == "first_at" else times[-1]) if times else None
        values = self._held(events, spec.property)
        if spec.measure in ("sum", "average", "min", "max"):
            units = [units_of(v) for v in values if units_of(v) is not None]
            numbers = [number_of(v) for v in values if units_of(v) is not None]
            if spec.measure == "sum":
                return sum(units) / 10_000
            if not units:
                return None
            return {"average": sum(units) / (10_000 * len(units)), "min": min(numbers), "max": max(numbers)}[
                spec.measure
            ]
        tagged = [(type(v) is bool, type(v) is str, v) for v in values]
        if spec.measure == "distinct":
            return float(len(set(tagged)))
        if not values:
            return None
        if spec.measure == "newest":
            return values[::-1][: spec.n]
        if spec.measure == "most_frequent":
            most = max(tagged.count(t) for t in tagged)
            return _typed(next(t[2] for t in reversed(tagged) if tagged.count(t) == most), spec.value)
        return _typed(values[0 if spec.measure == "first" else -1], spec.value)

    def _decayed(self, spec, _name):  # noqa: C901 - plain, not short
        half_life, said = spec.half_life_us, []
        for signal in spec.signals:
            for s in self._matching(signal.event, signal.where):
                at = s.event.happened_us
                worth = signal.weight * math.floor(2**20 * 2.0 ** (at % half_life / half_life) + 0.5)
                for key in self._held([s], signal.key):
                    if (type(key) is str and key) or type(key) is int:
                        said.append((str(key), at // half_life, worth))
        if not said:
            return None
        newest = max(cell for _, cell, _ in said)
        weights: dict[str, int] = {}
        for key, cell, worth in said:
            if cell >= newest - 32:
                weights[key] = weights.get(key, 0) + worth * 2 ** (cell - newest + 32)
        order = sorted(weights, key=lambda key: (-weights[key], key))
        total = sum(weights.values())

        def share(key):
            return (2 * weights.get(key, 0) * 10_000 + total) // (2 * total) / 10_000

        if spec.show == "top":
            return order[0]
        if spec.show == "keys":
            return order[: spec.n]
        return share(spec.key) if spec.show == "share" else {key: share(key) for key in order[: spec.n]}

    def _said(self, spec, _name):
        words = [s for s in self.events if s.event.kind == "identify" and spec.trait in s.event.traits]
        said = [(s.event.source_id, _word(s.event.traits[spec.trait])) for s in words]
        there = [v for _, v in said if v is not None]
        if spec.wins == "newest":
            return _typed(said[-1][1], spec.value) if said else None
        if spec.wins == "first":
            return _typed(there[0], spec.value) if there else None
        if spec.wins == "most_frequent":
            if not there:
                return None
            tagged = [
                (str(type(v)) if not isinstance(v, int | float) or isinstance(v, bool) else "n", repr(v)) for v in there
            ]
            most = max(tagged.count(t) for t in tagged)
            last = next(n for n in range(len(there) - 1, -1, -1) if tagged.count(tagged[n]) == most)
            return _typed(there[last], spec.value)
        newest = dict(said)  # the last of each
        for source in spec.sources:
            if newest.get(source) is not None:
                return _typed(newest[source], spec.value)
        left = {source for source, value in newest.items() if value is not None and source not in spec.sources}
        last = {source: n for n, (source, _) in enumerate(said)}
        return _typed(newest[max(left, key=last.__getitem__)], spec.value) if left else None

    def _score(self, spec, _name):
        words = []
        for s in self.events:
            by = s.event.context.get("computed")
            by = by if isinstance(by, dict) else {}
            asked = by.get("by") == spec.model and spec.version in (None, by.get("version"))
            if s.event.kind == "identify" and spec.trait in s.event.traits and asked:
                words.append(_word(s.event.traits[spec.trait]))
        return _typed(words[-1], spec.value) if words else None

    def _formula(self, spec, _name):
        return _Formula(self)(spec.formula)


class _Formula:
    """Reads the formulas of the test with Python's own reader, not ours."""

    def __init__(self, hand: Hand) -> None:
        self.hand = hand

    def __call__(self, text: str):
        import ast
        import re

        text = re.sub(r"(?<![<>!=])=(?!=)", "==", text).replace("if(", "iff(")
        return self.value(ast.parse(text, mode="eval").body)

    def value(self, node):
        import ast

        if isinstance(node, ast.Constant):
            return float(node.value) if isinstance(node.value, int) and not isinstance(node.value, bool) else node.value
        if isinstance(node, ast.Name):
            found = self.hand.value(node.id)
            return float(found) if isinstance(found, int) and not isinstance(found, bool) else found
        if isinstance(node, ast.BinOp):
            return self.arithmetic(node)
        if isinstance(node, ast.Compare):
            a, b = self.value(node.left), self.value(node.comparators[0])
            op = type(node.ops[0]).__name__
            if a is None or b is None:
                return None
            return {"Lt": a < b, "LtE": a <= b, "Gt": a > b, "GtE": a >= b}.get(op, (a == b) if op == "Eq" else a != b)
        return self.call(node.func.id, [self.value(arg) for arg in node.args])

    def arithmetic(self, node):
        a, b = self.value(node.left), self.value(node.right)
        op = type(node.op).__name__
        if a is None or b is None or (op == "Div" and b == 0):
            return None
        return {"Add": a + b, "Sub": a - b, "Mult": a * b, "Div": a / b if b else None}[op]

    def call(self, name: str, args: list):
        there = [a for a in args if a is not None]
        if name == "iff":
            return args[1] if args[0] else args[2]
        if name == "coalesce":
            return there[0] if there else None
        if name in ("min", "max"):
            return (min if name == "min" else max)(there) if there else None
        if name == "days_since":
            from homing.core.time import parse_iso

            return None if args[0] is None else float((self.hand.at - parse_iso(args[0])) // DAY)
        if name == "cut":
            return None if args[0] is None else 1.0 + sum(args[0] >= limit for limit in args[1:])
        if name == "choose":
            inside = args[0] is not None and 1 <= args[0] < len(args)
            return args[int(args[0])] if inside else None
        if args[0] is None:
            return None
        if name == "floor":
            return float(math.floor(args[0]))
        scale = 10 ** int(args[1])
        return math.copysign(math.floor(abs(args[0]) * scale + 0.5) / scale, args[0])


def _plain(value):
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        number = number_of(value)
        return None if number is None else int(number) if number.is_integer() and abs(number) < 2**53 else number
    return None


def _word(value):
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else _plain(value)


def _typed(value, kind: str):
    if kind == "number":
        return number_of(value)
    if kind in ("text", "boolean"):
        return value if type(value) is (str if kind == "text" else bool) else None
    return value
