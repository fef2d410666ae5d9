"""Which statements fill a table of customers? One a family of features, each row a customer, in the order of ids.

Everything is asked as of an instant: an event counts when it happened by then, a trait has the value that was said last
by then. What Homing itself wrote (memberships, scores, sends) is no feature: a model would learn its own answer.
"""

from __future__ import annotations

from collections.abc import Callable

from homing.core.query import Query
from homing.core.time import DAY

ORDER = "Order Completed"
RECENT_US = 30 * DAY
Bind = Callable[[object], str]

PEOPLE = "SELECT DISTINCT customer_id FROM events WHERE customer_id IS NOT NULL AND happened_us <= $at"
_FACTS = "customer_id IS NOT NULL AND happened_us <= $at AND happened_us > $since AND source_id <> 'homing'"
_DID = f"{_FACTS} AND kind IN ('track', 'page', 'screen')"
_SAID = "customer_id IS NOT NULL AND happened_us <= $at AND source_id <> 'homing' AND kind = 'identify'"
_LATEST = "{'t': happened_us, 'o': log_offset}"

HOW_MANY = f"SELECT count(*) FROM ({PEOPLE})"
EVENT_NAMES = f"""
SELECT name, count(DISTINCT customer_id) AS people FROM events WHERE {_DID} AND name <> ''
GROUP BY name ORDER BY people DESC, name LIMIT $top"""
BOUGHT = """
SELECT category, count(DISTINCT customer_id) AS people FROM order_lines
WHERE customer_id IS NOT NULL AND happened_us <= $at AND happened_us > $since AND category IS NOT NULL
GROUP BY category ORDER BY people DESC, category LIMIT $top"""
VIEWED = f"""
SELECT category, count(DISTINCT customer_id) AS people FROM events WHERE {_DID} AND category IS NOT NULL
GROUP BY category ORDER BY people DESC, category LIMIT $top"""
CHANNELS = f"""
SELECT channel, count(DISTINCT customer_id) AS people FROM events WHERE {_DID} AND channel IS NOT NULL
GROUP BY channel ORDER BY people DESC, channel LIMIT $top"""
TRAIT_NAMES = f"""
SELECT name, count(DISTINCT customer_id) AS people FROM (
  SELECT customer_id, unnest(json_keys(CAST(traits AS JSON))) AS name FROM events WHERE {_SAID})
GROUP BY name ORDER BY people DESC, name LIMIT $top"""
TRAIT_VALUES = f"""
WITH latest AS (
  SELECT customer_id, arg_max({{'v': variant_extract(traits, $name)}}, {_LATEST}) AS found FROM events
  WHERE {_SAID} AND list_contains(json_keys(CAST(traits AS JSON)), $name) GROUP BY customer_id)
SELECT CAST(CAST(found.v AS JSON) AS VARCHAR) AS value, count(*) AS people FROM latest
GROUP BY value ORDER BY people DESC, value LIMIT $top"""


class Binding:
    """Values of a statement, each bound once."""

    def __init__(self, at_us: int, since_us: int) -> None:
        self.params: dict[str, object] = {"at": at_us, "since": since_us}

    def __call__(self, value: object) -> str:
        """The name of a bound value."""
        name = f"v{len(self.params)}"
        self.params[name] = value
        return f"${name}"


def orders(at_us: int, since_us: int, currency: str) -> Query:
    """Orders, money, days since the last and the first order, mean order, mean gap; then days since anything."""
    sql = f"""
WITH people AS ({PEOPLE}), bought AS (
  SELECT customer_id, count(*) AS n, sum(coalesce(revenue, 0))::DOUBLE AS spent, max(happened_us) AS last_us,
    min(happened_us) AS first_us
  FROM events WHERE {_DID} AND name = '{ORDER}' AND coalesce(currency, $currency) = $currency GROUP BY customer_id)
SELECT coalesce(n, 0)::DOUBLE AS orders, coalesce(spent, 0)::DOUBLE AS spent,
  (($at - last_us) / {DAY})::DOUBLE AS days_since_order, (spent / n)::DOUBLE AS mean_order,
  CASE WHEN n > 1 THEN ((last_us - first_us) / {DAY} / (n - 1))::DOUBLE END AS order_gap
FROM people LEFT JOIN bought USING (customer_id) ORDER BY customer_id"""
    return Query(sql, {"at": at_us, "since": since_us, "currency": currency})


def behaviour(names: list[str], at_us: int, since_us: int) -> Query:
    """For each event name: how often, how often lately, days since the last time."""
    bind = Binding(at_us, since_us)
    recent = bind(at_us - RECENT_US)
    columns, shown = [], []
    for n, name in enumerate(names):
        match = f"name = {bind(name)}"
        columns += [f"count(*) FILTER ({match}) AS c{n}",
                    f"count(*) FILTER ({match} AND happened_us > {recent}) AS r{n}",
                    f"max(happened_us) FILTER ({match}) AS l{n}"]  # fmt: skip
        shown += [f"coalesce(c{n}, 0)::DOUBLE", f"coalesce(r{n}, 0)::DOUBLE", f"(($at - l{n}) / {DAY})::DOUBLE"]
    return _wide(bind, columns, shown, "events", _DID)


def shares(column: str, names: list[str], at_us: int, since_us: int) -> Query:
    """For each channel: its share of what the customer did; nothing where they did nothing."""
    bind = Binding(at_us, since_us)
    columns = [f"count(*) FILTER ({column} = {bind(name)}) / count(*) AS c{n}" for n, name in enumerate(names)]
    shown = [f"c{n}::DOUBLE" for n in range(len(names))]
    return _wide(bind, columns, shown, "events", f"{_DID} AND {column} IS NOT NULL")


def counts(view: str, names: list[str], at_us: int, since_us: int) -> Query:
    """For each category: lines bought (`order_lines`) or things looked at (`events`)."""
    bind = Binding(at_us, since_us)
    columns = [f"count(*) FILTER (category = {bind(name)}) AS c{n}" for n, name in enumerate(names)]
    shown = [f"coalesce(c{n}, 0)::DOUBLE" for n in range(len(names))]
    where = _DID if view == "events" else "customer_id IS NOT NULL AND happened_us <= $at AND happened_us > $since"
    return _wide(bind, columns, shown, view, f"{where} AND category IS NOT NULL")


def trait(name: str, at_us: int) -> Query:
    """A trait's value as JSON text, as of the instant; empty where nobody said it or it was taken away."""
    sql = f"""
WITH people AS ({PEOPLE}), latest AS (
  SELECT customer_id, arg_max({{'v': variant_extract(traits, $name)}}, {_LATEST}) AS found FROM events
  WHERE {_SAID} AND list_contains(json_keys(CAST(traits AS JSON)), $name) GROUP BY customer_id)
SELECT CAST(CAST(found.v AS JSON) AS VARCHAR) AS value
FROM people LEFT JOIN latest USING (customer_id) ORDER BY customer_id"""
    return Query(sql, {"name": name, "at": at_us})


def people(at_us: int) -> Query:
    """Every customer with an event by then, by id."""
    return Query(f"{PEOPLE} ORDER BY customer_id", {"at": at_us})


def _wide(bind: Binding, columns: list[str], shown: list[str], view: str, where: str) -> Query:
    sql = f"""
WITH people AS ({PEOPLE}), done AS (
  SELECT customer_id, {", ".join(columns)} FROM {view} WHERE {where} GROUP BY customer_id)
SELECT {", ".join(f"{one} AS x{n}" for n, one in enumerate(shown))}
FROM people LEFT JOIN done USING (customer_id) ORDER BY customer_id"""
    return Query(sql, bind.params)
