"""How does a notebook ask a workspace? By the admin API, like all else: of a folder in this process, or of a server.

with homing.open("homing-data") as shop:
    shop.query("SELECT name, count(*) AS n FROM events GROUP BY name").to_pandas()
    like = shop.lookalike("buyers")
    like.about["curve"]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from urllib.parse import quote

from homing.cli.target import Api, api_of
from homing.client.frame import Frame
from homing.core.errors import InvalidInput

PAGE = 500
MOMENTS = 10_000  # customers and instants one request answers
Known = Literal["received", "happened"]


class Model(Frame):
    """What was learned: the main table of its card, and the whole card in `about`."""


class OpenWorkspace:
    """A workspace that is open; close it, or use it in a `with` statement.

    Args:
        api: the way to it.
        stack: what is let go of at the end.
    """

    def __init__(self, api: Api, stack: ExitStack) -> None:
        self.api = api
        self._stack = stack

    def __enter__(self) -> OpenWorkspace:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of it."""
        self._stack.close()

    # -- questions -----------------------------------------------------------------------------------------------------
    def query(self, sql: str, *, limit: int = 10_000) -> Frame:
        """One read-only SELECT over events, customers, sends, order_lines and products."""
        found = self.api.post("/query", {"sql": sql, "limit": limit})
        about = {name: found[name] for name in ("as_of", "truncated", "ms")}
        return Frame.of_rows(found["columns"], found["rows"], about)

    def segments(self) -> Frame:
        """Every segment with its size."""
        return Frame.of_dicts(
            [{"id": s["id"], "name": s["name"]["en"], "name_zh": s["name"]["zh"], "count": s["count"],
              "status": s["status"]} for s in self.api.get("/segments")["items"]]
        )  # fmt: skip

    def count(self, segment: str | dict[str, Any]) -> int:
        """How many are in a segment now, or would satisfy a condition."""
        if isinstance(segment, dict):
            return int(self.api.post("/segments/preview", {"condition": segment})["count"])
        return int(self.api.get(f"/segments/{_id(segment)}")["count"])

    def members(self, segment: str) -> Frame:
        """Who is in a segment now."""
        return Frame.of_dicts(list(self._pages(f"/segments/{_id(segment)}/members")))

    def traits(self) -> Frame:
        """Every defined trait with its type and how many customers have a value."""
        return Frame.of_dicts(
            [{"id": t["id"], "name": t["name"]["en"], "name_zh": t["name"]["zh"], "group": t["group"],
              "unit": t["unit"]["en"], "type": t["type"], "status": t["status"],
              "customers": t["coverage"] and t["coverage"]["n"], "share": t["coverage"] and t["coverage"]["share"]}
             for t in self.api.get("/traits")["items"]]
        )  # fmt: skip

    def values(
        self,
        *traits: str,
        at: str | datetime | None = None,
        customers: Iterable[str | tuple[str, str | datetime]] = (),
        known: Known = "received",
    ) -> Frame:
        """The values of traits, now or as they were known at an instant: a row a customer, a column a trait.

        Args:
            traits: their names; none: all in force.
            at: ISO 8601 or a datetime, in the workspace's zone where it names none; None: now.
            customers: ids, or (id, instant) for each its own; none: everybody the workspace knows today.
            known: `received`: what had been received by then; `happened`: all that had happened by then.

        Returns:
            The columns customer_id, at and one for each trait; None where a customer has no value. Whoever nobody
            knew at the instant has counts of 0.

        Example:
            values("orders_30d", at="2026-01-01T00:00:00Z")
        """
        moments = [self._moment(one, at) for one in customers or self._everybody()]
        rows: list[dict[str, Any]] = []
        names = list(traits)
        for start in range(0, len(moments), MOMENTS):
            asked = {"traits": list(traits), "moments": moments[start : start + MOMENTS], "known": known}
            found = self.api.post("/traits/as-of", asked)
            names = found["traits"]
            rows += [{"customer_id": r["customer_id"], "at": r["at"]} | r["values"] for r in found["rows"]]
        columns = ["customer_id", "at", *names]
        return Frame.of_rows(columns, ([row[c] for c in columns] for row in rows), {"known": known})

    def rfm(self) -> Frame:
        """Customers by recency, frequency and money, in named segments."""
        found = self.api.get("/insights/rfm")
        cells = [{"segment": c["name"], "people": c["people"], "revenue": c["revenue"]} for c in found["cells"]]
        return Frame.of_dicts(cells, found)

    def funnel(self, steps: list[str], *, window: str = "7d") -> Frame:
        """How many people did one thing after another."""
        found = self.api.get("/insights/funnel", steps=steps, window=window)
        return Frame.of_dicts(found["steps"], {"window": window, "as_of": found["as_of"]})

    def overlap(self, *segments: str) -> Frame:
        """How many customers segments share, two by two."""
        found = self.api.get("/segments/overlap", ids=list(segments))
        return Frame.of_dicts(found["pairs"], found)

    def compare(self, segment: str, *, top: int = 200) -> Frame:
        """What sets the members of a segment apart from everybody else."""
        found = self.api.get(f"/segments/{_id(segment)}/compare", top=top)
        rows = [
            {"feature": f["feature"], "label": f["label"]["en"], "members": f["group"], "others": f["others"],
             "low": f["difference"]["low"], "high": f["difference"]["high"], "effect": f["effect"], "q": f["q"],
             "defining": f["defining"]}
            for f in found["features"]
        ]  # fmt: skip
        return Frame.of_dicts(rows, found)

    def history(self, segment: str, *, days: int = 30) -> Frame:
        """A segment's size and who entered and left, day by day."""
        found = self.api.get(f"/segments/{_id(segment)}/history", days=days)
        return Frame.of_dicts(found["days"], found)

    def export(
        self, segment: str, file: str | Path, *, purpose: str = "marketing", traits: list[str] | None = None
    ) -> Path:
        """Write a segment's members to a .csv, .jsonl or .parquet file, with the addresses that may be written to."""
        path = Path(file)
        form = path.suffix.lstrip(".").lower()
        self.api.download(f"/segments/{_id(segment)}/export", path, format=form, purpose=purpose, traits=traits)
        return path

    # -- models --------------------------------------------------------------------------------------------------------
    def lookalike(
        self, seed_segment: str, *, id: str = "", save: str = "", reach: float = 0.05, **document: Any
    ) -> Model:
        """Rank customers by how like a segment's members they are; with `save` make a segment of the most similar.

        The table is the curve from reach to expected precision; `about` is the card.
        """
        name = id or f"like-{seed_segment}"
        card = self._learn("lookalike", name, document | {"seed_segment": seed_segment})
        if save:
            body = {"reach": reach, "segment": save, "wait": True}
            self.api.post(f"/models/lookalike/{_id(name)}/use", body)
        rows = [
            {"reach": r["reach"], "size": r["size"]}
            | {f"{n}{end}": r[n][key] for n in ("precision", "lift", "recall")
               for end, key in (("", "estimate"), ("_low", "low"), ("_high", "high"))}
            for r in card["curve"]
        ]  # fmt: skip
        return _model(rows, card)

    def clusters(self, *, id: str = "kinds", write: bool = False, **document: Any) -> Model:
        """The kinds of customers; with `write` each customer gets the trait `cluster.ID`."""
        card = self._learn("clustering", id, document)
        if write:
            self.api.post(f"/models/clustering/{_id(id)}/use", {"wait": True})
        rows = [{"id": c["id"], "name": c["name"]["en"], "name_zh": c["name"]["zh"], "size": c["size"],
                 "share": c["share"]} for c in card["clusters"]]  # fmt: skip
        return _model(rows, card)

    def rules(self, *, id: str = "together", **document: Any) -> Model:
        """What is bought together more than by chance."""
        card = self._learn("association", id, document)
        rows = [
            {"left": " + ".join(i["id"] for i in r["left"]), "right": r["right"]["id"], "together": r["together"],
             "support": r["support"], "confidence": r["confidence"]["estimate"], "lift": r["lift"]["estimate"],
             "lift_low": r["lift"]["low"], "lift_high": r["lift"]["high"], "q": r["q"], "redundant": r["redundant"]}
            for r in card["rules"]
        ]  # fmt: skip
        return _model(rows, card)

    def classify(self, label: dict[str, Any], *, id: str, write: bool = False, **document: Any) -> Model:
        """Learn to tell who is of a kind: `{"segment": ID}` or `{"trait": NAME, "value": V}`; see `horizon`.

        The table is what the model rests on; `about["metrics"]` how well it tells.
        """
        card = self._learn("classification", id, document | {"label": label})
        if write:
            self.api.post(f"/models/classification/{_id(id)}/use", {"wait": True})
        rows = [{"feature": f["feature"], "label": f["label"]["en"], "importance": f["importance"], "low": f["low"],
                 "high": f["high"]} for f in card["features"]]  # fmt: skip
        return _model(rows, card)

    # -- inside --------------------------------------------------------------------------------------------------------
    def _everybody(self) -> list[str]:
        found: list[str] = []
        while True:
            sql = f"SELECT customer_id FROM customers ORDER BY 1 LIMIT {MOMENTS} OFFSET {len(found)}"
            page = self.query(sql, limit=MOMENTS).arrow.column("customer_id").to_pylist()
            found += page
            if len(page) < MOMENTS:
                return found

    @staticmethod
    def _moment(one: str | tuple[str, str | datetime], at: str | datetime | None) -> dict[str, str]:
        customer, instant = (one, at) if isinstance(one, str) else one
        if instant is None:
            return {"customer_id": customer}
        return {"customer_id": customer, "at": instant.isoformat() if isinstance(instant, datetime) else instant}

    def _learn(self, kind: str, name: str, document: dict[str, Any]) -> dict[str, Any]:
        path = f"/models/{kind}/{_id(name)}"
        self.api.ask("PUT", path, json={"name": {"en": name, "zh": name}} | document)
        self.api.post(f"{path}/train", {"wait": True})
        card: dict[str, Any] = self.api.get(path)["card"]
        return card

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        cursor = None
        while True:
            page = self.api.get(path, limit=PAGE, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return


def open_workspace(place: str | Path, *, key: str | None = None) -> OpenWorkspace:
    """Open a workspace.

    Args:
        place: its folder, or the address of its server (`http…`).
        key: an admin key (`hk_…`); a server wants one, a folder none.

    Raises:
        Conflict: another process that is no server holds the folder.
        InvalidInput: a server without a key.
    """
    stack = ExitStack()
    return OpenWorkspace(stack.enter_context(_api(place, key)), stack)


@contextmanager
def _api(place: str | Path, key: str | None) -> Iterator[Api]:
    if str(place).startswith(("http://", "https://")):
        if not key:
            raise InvalidInput(
                "no key, wanted an admin key of that server: homing key create --kind admin", field="key"
            )
        yield Api(str(place).rstrip("/"), key)
        return
    with api_of(Path(place)) as api:
        yield api


def _id(name: str) -> str:
    return quote(name, safe="")


def _model(rows: list[dict[str, Any]], card: dict[str, Any]) -> Model:
    made = Frame.of_dicts(rows, card)
    return Model(made.arrow, made.about)
