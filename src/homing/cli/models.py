"""`homing lookalike|cluster|rules|classify`: learn a model of the customers, and use what it says."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import answer, note, say, table, working
from homing.cli.target import Api, api_of
from homing.core.errors import InvalidInput

Families = Annotated[str, typer.Option(help="Features: orders,behaviour,bought,viewed,channels,traits.")]
Lookback = Annotated[str, typer.Option(help="Events older than this do not count.")]
Exclude = Annotated[list[str] | None, typer.Option(help="A feature, event, category or trait to leave out.")]
Among = Annotated[str, typer.Option(help="Only members of this segment.")]
Seed = Annotated[int, typer.Option("--random-seed", min=0, help="Another seed draws other samples.")]
Saved = Annotated[bool, typer.Option("--write", help="Write the scores to customers as a trait.")]
RULES_SHOWN = 20


def join(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(lookalike)
    app.command()(cluster)
    app.command()(rules)
    app.command()(classify)


def lookalike(
    seed_segment: Annotated[str, typer.Argument(help="The segment to find others like.")],
    *,
    name: Annotated[str, typer.Option("--id", help="The id of the model.")] = "",
    reach: Annotated[
        float, typer.Option(min=0.0001, max=1, help="Share of the others that the audience takes.")
    ] = 0.05,
    segment: Annotated[str, typer.Option("--save", help="Make a segment of the audience, of this id.")] = "",
    among: Among = "",
    model: Annotated[str, typer.Option(help="auto, logistic or neighbours.")] = "auto",
    families: Families = "",
    lookback: Lookback = "365d",
    exclude: Exclude = None,
    keep_definition: Annotated[bool, typer.Option(help="Keep features that the seed segment is made of.")] = False,
    random_seed: Seed = 7,
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """Rank customers by how like the members of a segment they are, checked by held-out members."""
    one = name or f"like-{seed_segment}"
    document = _document(one, families, lookback, exclude) | {
        "seed_segment": seed_segment, "model": model, "keep_definition": keep_definition, "random_seed": random_seed,
    }  # fmt: skip
    with api_of(workspace) as api:
        found = _learn(api, "lookalike", one, document | _among(among), as_json)
        if segment:
            body = {"reach": reach, "segment": segment, "wait": True, "version": found["version"]["version"]}
            found["job"] = api.post(f"/models/lookalike/{one}/use", body)
            found["segment"] = api.get(f"/segments/{segment}")
    card = found["card"]
    if not as_json:
        note(f"{card['data']['seeds']} seeds, {card['data']['candidates']} others, model {card['model']}")
    columns = ("reach", "size", "recall", "lift", "lift_low", "lift_high", "precision")
    rows = ([c["reach"], c["size"], c["recall"]["estimate"], c["lift"]["estimate"], c["lift"]["low"],
             c["lift"]["high"], c["precision"]["estimate"]] for c in card["curve"])  # fmt: skip
    answer(found, columns, rows, as_json=as_json)


def cluster(
    *,
    name: Annotated[str, typer.Option("--id", help="The id of the model.")] = "kinds",
    k: Annotated[int, typer.Option(min=0, max=20, help="How many; 0: chosen by stability and silhouette.")] = 0,
    among: Among = "",
    families: Families = "orders,behaviour,bought,channels",
    lookback: Lookback = "365d",
    exclude: Exclude = None,
    random_seed: Seed = 7,
    write: Saved = False,
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """Find the kinds of customers there are, named by what sets them apart."""
    document = _document(name, families, lookback, exclude) | {"random_seed": random_seed} | ({"k": k} if k else {})
    with api_of(workspace) as api:
        found = _learn(api, "clustering", name, document | _among(among), as_json)
        if write:
            found["job"] = api.post(f"/models/clustering/{name}/use", {"wait": True})
    rows = ([c["id"], c["size"], c["share"], c["name"]["en"], c["name"]["zh"]] for c in found["card"]["clusters"])
    answer(found, ("id", "size", "share", "name", "名称"), rows, as_json=as_json)


def rules(
    *,
    name: Annotated[str, typer.Option("--id", help="The id of the model.")] = "together",
    item: Annotated[str, typer.Option(help="product, category or brand.")] = "category",
    basket: Annotated[str, typer.Option(help="order: together in one; customer: ever by one.")] = "order",
    min_support: Annotated[float, typer.Option(help="Share of baskets that hold all of a rule.")] = 0.01,
    min_confidence: Annotated[float, typer.Option()] = 0.1,
    min_lift: Annotated[float, typer.Option()] = 1.0,
    max_items: Annotated[int, typer.Option(min=2, max=5, help="Of a rule, both sides together.")] = 3,
    among: Among = "",
    lookback: Lookback = "365d",
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """Find what is bought together more than by chance, each rule tested, all corrected."""
    document = {
        "name": {"en": name, "zh": name}, "item": item, "basket": basket, "lookback": lookback,
        "min_support": min_support, "min_confidence": min_confidence, "min_lift": min_lift, "max_items": max_items,
    }  # fmt: skip
    with api_of(workspace) as api:
        found = _learn(api, "association", name, document | _among(among), as_json)
    shown = [r for r in found["card"]["rules"] if not r["redundant"]][:RULES_SHOWN]
    columns = ("who buys", "also buys", "together", "support", "confidence", "lift", "q")
    rows = ([" + ".join(i["name"] for i in r["left"]), r["right"]["name"], r["together"], r["support"],
             r["confidence"]["estimate"], r["lift"]["estimate"], f"{r['q']:.1e}"] for r in shown)  # fmt: skip
    answer(found, columns, rows, as_json=as_json)


def classify(
    *,
    name: Annotated[str, typer.Option("--id", help="The id of the model.")] = "",
    segment: Annotated[str, typer.Option(help="Tell who is in this segment.")] = "",
    trait: Annotated[str, typer.Option(help="Or: tell who has a value of this trait.")] = "",
    op: Annotated[str, typer.Option(help="eq, ne, gt, gte, lt or lte.")] = "eq",
    value: Annotated[str, typer.Option(help="The trait's value; a number or true is read as one.")] = "",
    horizon: Annotated[str, typer.Option(help="How far ahead, such as 30d; absent: for now.")] = "",
    new_only: Annotated[bool, typer.Option(help="With a horizon: only those who are not of the kind yet.")] = True,
    among: Among = "",
    model: Annotated[str, typer.Option(help="logistic or boosting.")] = "logistic",
    families: Families = "",
    lookback: Lookback = "365d",
    exclude: Exclude = None,
    random_seed: Seed = 7,
    write: Saved = False,
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """Learn to tell who is, or will be, of a kind; tested on what came later."""
    if bool(segment) == bool(trait):
        raise InvalidInput("wanted --segment or --trait, one of them", field="segment")
    label = {"segment": segment} if segment else {"trait": trait, "op": op, "value": _value(value)}
    one = name or (f"will-{segment or trait}" if horizon else f"is-{segment or trait}")
    document = _document(one, families, lookback, exclude) | {
        "label": label, "model": model, "new_only": new_only, "random_seed": random_seed,
    }  # fmt: skip
    if horizon:
        document["horizon"] = horizon
    with api_of(workspace) as api:
        found = _learn(api, "classification", one, document | _among(among), as_json)
        if write:
            found["job"] = api.post(f"/models/classification/{one}/use", {"wait": True})
    if as_json:
        say(found, as_json=True)
        return
    card, rows = found["card"], []
    for metric in ("auc", "average_precision", "brier", "base_rate"):
        m = card["metrics"][metric]
        rows.append([metric, m["estimate"], m["low"], m["high"], m["n"]])
    table(("metric", "estimate", "low", "high", "n"), rows, title=f"tested by {card['split']}")
    table(("feature", "importance"), [[f["label"]["en"], f"{f['importance']:.4f}"] for f in card["features"][:10]])


def _document(name: str, families: str, lookback: str, exclude: list[str] | None) -> dict[str, Any]:
    features: dict[str, Any] = {"lookback": lookback, "exclude": exclude or []}
    if families:
        features["families"] = [f.strip() for f in families.split(",") if f.strip()]
    return {"name": {"en": name, "zh": name}, "features": features}


def _among(segment: str) -> dict[str, Any]:
    return {"among": segment} if segment else {}


def _learn(api: Api, kind: str, name: str, document: dict[str, Any], as_json: bool) -> dict[str, Any]:
    """Save the document, train it, and give the model with its card."""
    with working(f"learning {name}", quiet=as_json):
        api.ask("PUT", f"/models/{kind}/{name}", json=document)
        api.post(f"/models/{kind}/{name}/train", {"wait": True})
        found: dict[str, Any] = api.get(f"/models/{kind}/{name}")
    return found


def _value(text: str) -> Any:
    if text in {"true", "false"}:
        return text == "true"
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number
