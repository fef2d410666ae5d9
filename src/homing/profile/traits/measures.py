"""How does SQL say what a trait measures? As `readers` and `memories` say it; a property test holds them together.

Every part answers by `pair`: one customer at one instant. What can be summed over the events that are seen is one
column of one aggregation; what needs a grouping of its own (lists, most frequent, leanings, words, slopes) is a table
of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from homing.core.condition_sql import Forms
from homing.core.condition_values import MAX_AMOUNT, NUMBER_TEXT, UNITS
from homing.profile.traits.definition import Aggregate, Decayed, Elasticity, Percentile, Said, Score
from homing.profile.traits.leanings import CELLS, WORTH
from homing.profile.traits.leaves import PERCENTILE
from homing.profile.traits.paths import key_sql, read_path
from homing.profile.traits.readers import SHARES
from homing.profile.traits.source import Source

PLACE = "{'t': happened_us, 'o': log_offset, 'i': place}"
_ORDER = "ORDER BY happened_us DESC, log_offset DESC, place DESC"


@dataclass(slots=True)
class Parts:
    """What the statement is made of."""

    source: Source
    oldest_us: int | None  # the earliest instant that is asked about, where it is known
    sums: dict[str, str] = field(default_factory=dict)  # expression over `seen` -> its column
    tables: list[tuple[str, str]] = field(default_factory=list)  # name, SELECT
    joined: list[str] = field(default_factory=list)  # those with a row a pair

    def sum(self, expression: str) -> str:
        """The column of an aggregate over the events that are seen; the same one is computed once."""
        return self.sums.setdefault(expression, f"m{len(self.sums)}")

    def table(self, sql: str, *, joined: bool = False) -> str:
        """A table of its own."""
        for name, known in self.tables:
            if known == sql:
                return name
        name = f"x{len(self.tables)}"
        self.tables.append((name, sql))
        if joined:
            self.joined.append(name)
        return name


def measured(spec: object, name: str, parts: Parts) -> tuple[str, str]:
    """(value, n): the SQL of a trait's typed value, and of how many it rests on (NULL where that is not told)."""
    if isinstance(spec, Aggregate):
        return _aggregate(spec, parts)
    if isinstance(spec, Decayed):
        return _leaning(spec, parts), "NULL"
    if isinstance(spec, Elasticity):
        return _slope(spec, parts)
    if isinstance(spec, Said | Score | Percentile):
        return _word(spec, name, parts), "NULL"
    raise TypeError(f"no SQL for {spec!r}")


def value_sql(key: str, kind: str) -> str:
    """A value of the promised type out of its key (see `paths.key_sql`); of any type the key itself."""
    if kind == "text":
        return f"CASE WHEN starts_with({key}, 's:') THEN substr({key}, 3) END"
    if kind == "boolean":
        return f"CASE WHEN starts_with({key}, 'b:') THEN {key} = 'b:1' END"
    if kind == "number":
        return (
            f"CASE WHEN starts_with({key}, 'n:') THEN TRY_CAST(substr({key}, 3) AS DOUBLE)"
            f" WHEN starts_with({key}, 's:') AND regexp_full_match(substr({key}, 3), '{NUMBER_TEXT}')"
            f" THEN TRY_CAST(substr({key}, 3) AS DOUBLE) END"
        )
    return key


# -- aggregates --------------------------------------------------------------------------------------------------------
def _aggregate(spec: Aggregate, parts: Parts) -> tuple[str, str]:
    keep = _keep(spec, parts)
    if spec.measure in ("count", "share"):
        n = f"coalesce({parts.sum(f'count(*) FILTER (WHERE {keep})')}, 0)"
        if spec.measure == "count":
            return f"CAST({n} AS DOUBLE)", "NULL"
        inside = parts.source.keep(spec.event, (*spec.where, *spec.part))
        part = parts.sum(f"count(*) FILTER (WHERE {keep} AND {inside})")
        return f"CAST({part} AS DOUBLE) / nullif({n}, 0)", n
    if spec.measure in ("first_at", "last_at"):
        which = "min" if spec.measure == "first_at" else "max"
        return parts.sum(f"{which}(happened_us) FILTER (WHERE {keep})"), "NULL"
    if read_path(str(spec.property)).many:
        return _over_list(spec, keep, parts)
    forms = parts.source.forms(str(spec.property))
    key = f"({key_sql(forms)})"
    if spec.measure == "most_frequent":
        rows = f"SELECT pair, happened_us, log_offset, 0 AS place, {key} AS key FROM seen WHERE {keep}"
        return _most_frequent(spec, rows, parts)
    number, units = forms.number, f"({forms.units()})"
    return _column(spec, _Row(number, units, key, f"{keep} AND "), lambda sql: parts.sum(sql.replace("place", "0")))


@dataclass(frozen=True, slots=True)
class _Row:
    """The columns of what is aggregated: a number, its ten-thousandths, its key, and which rows count."""

    number: str
    units: str
    key: str
    keep: str


def _column(spec: Aggregate, row: _Row, column: Callable[[str], str]) -> tuple[str, str]:
    there = f"FILTER (WHERE {row.keep}{row.units} IS NOT NULL)"
    keyed = f"FILTER (WHERE {row.keep}{row.key} IS NOT NULL)"
    if spec.measure in ("sum", "average", "min", "max"):
        n = f"coalesce({column(f'count(*) {there}')}, 0)"
        if spec.measure in ("min", "max"):
            return column(f"{spec.measure}({row.number}) {there}"), n
        total = column(f"sum({row.units}) {there}")
        if spec.measure == "sum":
            return f"CAST(coalesce({total}, 0) AS DOUBLE) / {UNITS}.0", n
        return f"CAST({total} AS DOUBLE) / CAST({UNITS} * nullif({n}, 0) AS DOUBLE)", n
    if spec.measure == "distinct":
        return f"CAST(coalesce({column(f'count(DISTINCT {row.key}) {keyed}')}, 0) AS DOUBLE)", "NULL"
    if spec.measure == "newest":
        return f"{column(f'list({row.key} {_ORDER}) {keyed}')}[1:{spec.n}]", "NULL"
    pick = "arg_min" if spec.measure == "first" else "arg_max"
    return value_sql(column(f"{pick}({row.key}, {PLACE}) {keyed}"), spec.value), "NULL"


def _over_list(spec: Aggregate, keep: str, parts: Parts) -> tuple[str, str]:
    """An event may hold several values: they are laid out first."""
    column = parts.source.elements(str(spec.property))
    made = ", ".join(Forms.columns("u"))
    forms = Forms.of_columns("u")
    rows = (
        f"SELECT pair, happened_us, log_offset, place, {made}, {forms.units()} AS units, {key_sql(forms)} AS key FROM ("
        f"SELECT pair, happened_us, log_offset, unnest({column}) AS u, generate_subscripts({column}, 1) AS place"
        f" FROM seen WHERE {keep})"
    )
    if spec.measure == "most_frequent":
        return _most_frequent(spec, rows, parts)
    laid = parts.table(rows)
    found: list[str] = []

    def column_of(sql: str) -> str:
        found.append(parts.table(f"SELECT pair, {sql} AS v FROM {laid} GROUP BY pair", joined=True))
        return f"{found[-1]}.v"

    return _column(spec, _Row("un", "units", "key", ""), column_of)


def _most_frequent(spec: Aggregate, rows: str, parts: Parts) -> tuple[str, str]:
    counted = parts.table(
        f"SELECT pair, key, count(*) AS n, max({PLACE}) AS place FROM ({rows}) WHERE key IS NOT NULL GROUP BY pair, key"
    )
    best = parts.table(
        f"SELECT pair, arg_max(key, {{'n': n, 'p': place}}) AS key FROM {counted} GROUP BY pair", joined=True
    )
    return value_sql(f"{best}.key", spec.value), "NULL"


def _keep(spec: Aggregate | Elasticity, parts: Parts) -> str:
    where = spec.where if isinstance(spec, Aggregate) else ()
    keep = parts.source.keep(spec.event, where)
    parts.source.window(spec.window_us, parts.oldest_us)
    return keep if spec.window_us is None else f"{keep} AND happened_us > at_us - {spec.window_us}"


# -- what a customer leans to ------------------------------------------------------------------------------------------
def _leaning(spec: Decayed, parts: Parts) -> str:
    half_life = spec.half_life_us
    signals = []
    for signal in spec.signals:
        keep = parts.source.keep(signal.event, signal.where)
        parts.source.window(None, None)
        inner = f"SELECT pair, happened_us, {_leaning_key(signal.key, parts)} FROM seen WHERE {keep}"
        worth = f"floor(pow(2.0, CAST(happened_us % {half_life} AS DOUBLE) / {half_life}) * {WORTH} + 0.5)"
        signals.append(
            f"SELECT pair, key, happened_us // {half_life} AS cell, {signal.weight} * CAST({worth} AS BIGINT) AS worth"
            f" FROM ({inner}) WHERE key IS NOT NULL AND key <> '' AND happened_us >= 0"
        )
    cells = parts.table(
        f"SELECT pair, key, cell, sum(worth) AS worth FROM ({' UNION ALL '.join(signals)}) GROUP BY pair, key, cell"
    )
    weights = parts.table(
        f"SELECT pair, key, sum(CAST(worth AS HUGEINT) * CAST(pow(2, cell - newest + {CELLS}) AS HUGEINT)) AS weight"
        f" FROM (SELECT *, max(cell) OVER (PARTITION BY pair) AS newest FROM {cells})"
        f" WHERE cell >= newest - {CELLS} GROUP BY pair, key"
    )
    share = f"CAST((2 * weight * {SHARES} + total) // (2 * total) AS DOUBLE) / {SHARES}.0"
    ranked = parts.table(
        f"SELECT pair, key, {share} AS share, row_number() OVER (PARTITION BY pair ORDER BY weight DESC, key) AS rank"
        f" FROM (SELECT *, sum(weight) OVER (PARTITION BY pair) AS total FROM {weights})"
    )
    shown = {
        "top": "max(key) FILTER (WHERE rank = 1)",
        "keys": f"list(key ORDER BY rank) FILTER (WHERE rank <= {spec.n})",
        "shares": f"list({{'key': key, 'share': share}} ORDER BY rank) FILTER (WHERE rank <= {spec.n})",
        "share": f"coalesce(max(share) FILTER (WHERE key = {parts.source.bind(spec.key)}), 0.0)" if spec.key else "",
    }[spec.show]
    return f"{parts.table(f'SELECT pair, {shown} AS v FROM {ranked} GROUP BY pair', joined=True)}.v"


def _leaning_key(path: str, parts: Parts) -> str:
    """The keys of an event, one a row: texts, and whole numbers written out."""
    if not read_path(path).many:
        return f"{_plain_key(parts.source.forms(path))} AS key"
    column = parts.source.elements(path)
    made = _plain_key(Forms.of_variant("part"))
    return f"unnest(list_transform({column}, lambda part: {made})) AS key"


def _plain_key(forms: Forms) -> str:
    whole = f"{forms.number} = trunc({forms.number}) AND abs({forms.number}) < 9007199254740992"
    return (
        f"CASE WHEN {forms.kind} = 'VARCHAR' THEN {forms.text} WHEN {whole}"
        f" THEN CAST(CAST({forms.number} AS BIGINT) AS VARCHAR) END"
    )


# -- what sources say --------------------------------------------------------------------------------------------------
def _word(spec: Said | Score | Percentile, name: str, parts: Parts) -> str:
    said = name if isinstance(spec, Percentile) else spec.trait
    model = PERCENTILE if isinstance(spec, Percentile) else spec.model if isinstance(spec, Score) else None
    version = spec.version if isinstance(spec, Score) else None
    bind = parts.source.bind
    by = ""
    if model is not None:
        by += f" AND json_extract_string(CAST(context AS JSON), '$.computed.by') = {bind(model)}"
    if version is not None:
        by += f" AND json_extract_string(CAST(context AS JSON), '$.computed.version') = {bind(version)}"
    forms = Forms.of_columns("w")
    texts = "CAST(to_json(list_filter(wl, lambda x: x IS NOT NULL)) AS VARCHAR)"
    rows = parts.table(
        f"SELECT pair, happened_us, log_offset, source_id, variant_extract(traits, {bind(said)}) AS w,"
        f" {', '.join(Forms.columns('w'))},"
        f" CASE WHEN starts_with(wk, 'ARRAY') THEN 'l:' || {texts} ELSE {key_sql(forms)} END AS key"
        f" FROM told WHERE list_contains(json_keys(CAST(traits AS JSON)), {bind(said)}){by}"
    )
    return value_sql(f"{_winner(spec, rows, parts)}.key", getattr(spec, "value", "number"))


def _winner(spec: Said | Score | Percentile, rows: str, parts: Parts) -> str:
    place = "{'t': happened_us, 'o': log_offset}"
    wins = spec.wins if isinstance(spec, Said) else "newest"
    if wins == "newest":
        sql = f"SELECT pair, arg_max({{'k': key, 's': source_id}}, {place}).k AS key FROM {rows} GROUP BY pair"
    elif wins == "first":
        sql = f"SELECT pair, arg_min(key, {place}) AS key FROM {rows} WHERE key IS NOT NULL GROUP BY pair"
    elif wins == "most_frequent":
        counted = parts.table(
            f"SELECT pair, key, count(*) AS n, max({place}) AS place FROM {rows} WHERE key IS NOT NULL"
            " GROUP BY pair, key"
        )
        sql = f"SELECT pair, arg_max(key, {{'n': n, 'p': place}}) AS key FROM {counted} GROUP BY pair"
    else:
        sources = spec.sources if isinstance(spec, Said) else ()
        ranks = " ".join(f"WHEN {parts.source.bind(source)} THEN {-n}" for n, source in enumerate(sources))
        newest = parts.table(
            f"SELECT pair, source_id, arg_max({{'k': key}}, {place}).k AS key, max({place}) AS place FROM {rows}"
            " GROUP BY pair, source_id"
        )
        rank = f"CASE source_id {ranks} ELSE {-len(sources)} END"
        sql = (
            f"SELECT pair, arg_max(key, {{'r': {rank}, 'p': place}}) AS key FROM {newest} WHERE key IS NOT NULL"
            " GROUP BY pair"
        )
    return parts.table(sql, joined=True)


# -- elasticity --------------------------------------------------------------------------------------------------------
def _slope(spec: Elasticity, parts: Parts) -> tuple[str, str]:
    keep = _keep(spec, parts)
    column = parts.source.elements(f"{spec.items}[]")
    bind = parts.source.bind
    named = {"ea": spec.product, "eb": spec.price, "ec": spec.quantity}
    fields = ", ".join(f"variant_extract(part, {bind(name)}) AS {letter}" for letter, name in named.items())
    forms = ", ".join(one for letter in named for one in Forms.columns(letter))
    lines = parts.table(
        f"SELECT pair, {key_sql(Forms.of_columns('ea'))} AS product, ln(ebn) AS x, ln(ecn) AS y FROM ("
        f"SELECT pair, {fields}, {forms} FROM (SELECT pair, unnest({column}) AS part FROM seen WHERE {keep})"
        " WHERE starts_with(variant_typeof(part), 'OBJECT')) WHERE ebn > 0 AND ecn > 0"
    )
    products = parts.table(
        "SELECT pair, product, count(*) AS n, var_pop(x) * count(*) AS sxx, covar_pop(x, y) * count(*) AS sxy,"
        f" var_pop(y) * count(*) AS syy FROM {lines} WHERE product IS NOT NULL GROUP BY pair, product"
        " HAVING count(DISTINCT x) > 1"
    )
    found = parts.table(
        "SELECT pair, sum(n) AS n, count(*) AS products, sum(sxx) AS sxx, sum(sxy) AS sxy, sum(syy) AS syy,"
        f" FROM {products} GROUP BY pair", joined=True,
    )  # fmt: skip
    fits = f"{found}.n >= {spec.min_lines} AND {found}.n - {found}.products - 1 >= 3 AND {found}.sxx > 0"
    return f"CASE WHEN {fits} THEN {found}.sxy / {found}.sxx END", f"{found}.n"


__all__ = ["MAX_AMOUNT", "Parts", "measured"]
