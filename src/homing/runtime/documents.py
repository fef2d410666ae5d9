"""What would these documents change, and how do they come into force? Check all, save all, publish in order.

A segment, content or campaign is in force as soon as it is saved. A journey sends messages, so saving it only keeps a
version; publishing it is a step of its own, unless the caller asks for both at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection

import homing.collect.definitions  # noqa: F401 - its kinds of document become known
from homing.act.channels import channels
from homing.act.content import check_content
from homing.act.definitions import Campaign, Content, Fault, Journey, check_campaign, check_journey
from homing.core.errors import Conflict, InvalidInput
from homing.core.registry import definition_kinds
from homing.govern import audit
from homing.predict import MODELS
from homing.runtime import approvals
from homing.runtime.naming import Known, faults_of, named_in, named_in_content, trait_faults, traits_judged, traits_read
from homing.runtime.runtime import Runtime
from homing.storage import definitions
from homing.storage.definitions import Definition

ORDER = (
    "agreement", "plan", "rules", "mapping", "source", "identity", "household", "trait", "segment", *MODELS, "tag",
    "lifecycle", "content", "journey", "campaign",
)  # fmt: skip
MAX_DOCUMENTS = 500
ASKED = frozenset({"journey", "tag"})  # kinds that come into force only when that is asked for: they want approval
CONDITIONED = frozenset({"segment", "tag", "lifecycle"})
Action = Literal["create", "change", "same"]
Standing = Literal["live", "paused", "resumed", "deleted"]


@dataclass(frozen=True, slots=True)
class Change:
    """One place in a document that differs; None stands for nothing there."""

    path: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Step:
    """What applying one document does."""

    kind: str
    id: str
    action: Action
    version: int  # the version there is; 0 when there is none
    publish: bool
    changes: tuple[Change, ...]
    document: Mapping[str, Any]


def read_document(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A document in the form that is kept, checked against the model of its kind.

    Raises:
        InvalidInput: an unknown kind, or the model would not take it; `field` says where.
    """
    kind = str(raw.get("kind", ""))
    if kind not in definition_kinds:
        raise InvalidInput(f"kind is {kind[:40]!r}, wanted one of {', '.join(sorted(definition_kinds))}", field="kind")
    try:
        model = definition_kinds[kind].model_validate(dict(raw))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(_said(raw, first["loc"])) or "document"
        message = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(f"{kind} {str(raw.get('id', ''))[:64]!r}, {field}: {message}", field=field) from error
    return {"kind": kind, **model.model_dump(mode="json", by_alias=True, exclude_unset=True)}


def plan(conn: Connection, raw: Sequence[Mapping[str, Any]], *, publish_journeys: bool = False) -> list[Step]:
    """What applying these documents would do, in the order it would be done.

    Raises:
        InvalidInput: a document is not acceptable, two have the same id, or one that is to be published has faults.
    """
    if len(raw) > MAX_DOCUMENTS:
        raise InvalidInput(f"{len(raw)} documents at once, wanted at most {MAX_DOCUMENTS}", field="documents")
    read = [read_document(one) for one in raw]
    names = {(d["kind"], d["id"]) for d in read}
    if len(names) < len(read):
        raise InvalidInput("two documents have the same kind and id, wanted one of each", field="documents")
    steps = [_step(conn, d, publish_journeys) for d in _in_order(read)]
    for step in steps:
        found = faults(conn, step.document, beside=read)
        if found and step.publish:
            where = f" at {found[0].node}" if found[0].node else ""
            raise InvalidInput(
                f"{step.kind} {step.id!r}{where}: {found[0].message['en']}", field=step.id,
                details={"faults": [{"node": f.node, "message": dict(f.message)} for f in found]},
                zh=f"{step.kind} {step.id!r}{where}：{found[0].message['zh']}",
            )  # fmt: skip
    return steps


def apply(
    runtime: Runtime, raw: Sequence[Mapping[str, Any]], *, by: str, at_us: int, publish_journeys: bool = False
) -> list[Step]:
    """Apply documents; return the plan that was carried out.

    Args:
        runtime: the running workspace.
        raw: the documents, in any order.
        by: who does it, for the audit log.
        at_us: the instant for the audit log.
        publish_journeys: whether journeys and tags come into force too.

    Raises:
        InvalidInput: see `plan`; nothing was changed then.
    """
    w = runtime.workspace
    with w.state.write() as conn:
        steps = plan(conn, raw, publish_journeys=publish_journeys)
        for step in steps:
            if step.action != "same":
                definitions.save(conn, step.kind, step.id, dict(step.document), now_us=w.clock(), by=by)
                audit.record(conn, by, f"{step.kind}.save", step.id, now_us=at_us, version=step.version + 1)
            if step.publish:
                audit.record(conn, by, f"{step.kind}.publish", step.id, now_us=at_us)
            if step.publish and step.kind == "tag":
                version = definitions.get(conn, step.kind, step.id).version
                approvals.let_in(conn, (step.kind, step.id, version), by=by, now_us=at_us)
    for step in steps:
        if step.publish:
            runtime.publish(step.kind, step.id)
    return [replace(s, version=s.version + (s.action != "same")) for s in steps]


def change_status(runtime: Runtime, kind: str, name: str, status: Standing, *, by: str, at_us: int) -> Definition:
    """Change the standing of a definition through the stream; return it as it stands then.

    `live` publishes the newest version, `paused` and `resumed` keep to the version that was published last, `deleted`
    takes it back.

    Raises:
        NotFound: there is no such definition.
        InvalidInput: it is to be published and has faults.
        Conflict: it is not in force, or is to be taken back while another one in force names it.
    """
    w = runtime.workspace
    with w.state.write() as conn:
        found = definitions.get(conn, kind, name)
        if status == "live":
            plan(conn, [found.document], publish_journeys=True)
        elif status == "deleted":
            _unneeded(conn, kind, name)
        else:
            found = _in_force(conn, kind, name)
        audit.record(conn, by, f"{kind}.{status}", name, now_us=at_us, version=found.version)
    becomes = "live" if status == "resumed" else status
    runtime.publish(kind, name, becomes, version=found.version)
    return replace(found, status=becomes)


def faults(conn: Connection, document: Mapping[str, Any], *, beside: Iterable[Mapping[str, Any]] = ()) -> list[Fault]:
    """What must be mended before this document can be published; `beside` are documents applied together with it."""
    known = {kind: {d.id: d.document for d in definitions.all_of(conn, kind)} for kind in ORDER}
    for one in beside:
        known[one["kind"]][one["id"]] = dict(one)
    kind = document["kind"]
    if kind == "journey":
        contents = {name: Content.model_validate(d).channel for name, d in known["content"].items()}
        found = check_journey(
            Journey.model_validate(document), contents=contents, segments=known["segment"],
            channels=[name for name, _ in channels.items()],
        )  # fmt: skip
        return found + _missing(named_in(document), known)
    if kind == "campaign":
        journeys = {name: Journey.model_validate(d) for name, d in known["journey"].items()}
        taken = {d["journey"]: name for name, d in known["campaign"].items()}
        return check_campaign(
            Campaign.model_validate(document), journeys=journeys, segments=known["segment"], taken=taken
        )
    if kind == "content":
        return [*check_content(Content.model_validate(document)), *_missing(named_in_content(document), known),
                *_taken_back(conn, document, known)]  # fmt: skip
    if kind == "trait":
        return trait_faults(document, known["trait"])
    circles = faults_of(document, known) if kind in {"tag", "lifecycle"} else []
    return circles + _missing(names_in(document), known)


def _missing(named: set[tuple[str, str]], known: Known) -> list[Fault]:
    """What is named and is not there."""
    missing = sorted(named - {(one, name) for one in ORDER for name in known[one]})
    return [Fault(None, {"en": f"there is no {one} {name}", "zh": f"不存在：{one} {name}"}) for one, name in missing]


def _taken_back(conn: Connection, document: Mapping[str, Any], known: Known) -> list[Fault]:
    """The traits that were defined once and are no more; any other name may be one that a source says."""
    gone = (name for kind, name in sorted(traits_judged(document)) if name not in known[kind])
    return [
        Fault(None, {"en": f"the trait {name} was taken back", "zh": f"特征 {name} 已被撤回"})
        for name in gone if definitions.find(conn, "trait", name, deleted=True) is not None
    ]  # fmt: skip


def difference(old: Any, new: Any, path: str = "") -> list[Change]:
    """Where two JSON values differ, leaf by leaf."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            change
            for key in sorted(old.keys() | new.keys())
            for change in difference(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
        ]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [change for n, (a, b) in pairs for change in difference(a, b, f"{path}[{n}]")]
    return [] if old == new else [Change(path, old, new)]


def names_in(document: Mapping[str, Any]) -> set[tuple[str, str]]:  # noqa: PLR0911 - one a kind
    """(kind, id) of every definition that a document names."""
    kind = document["kind"]
    if kind == "campaign":
        return {("segment", document["segment"]), ("journey", document["journey"])}
    if kind in CONDITIONED:
        return named_in(document)
    if kind == "trait":
        return traits_read(document)
    if kind == "journey":
        entry = document["entry"]
        named = {("content", n["content"]) for n in document["nodes"] if n["type"] == "message"}
        return named | named_in(document) | ({("segment", entry["segment"])} if entry["type"] == "segment" else set())
    if kind == "content":
        return named_in_content(document)
    if kind in MODELS:
        label = document.get("label") or {}
        named_by = (document.get("among"), document.get("seed_segment"), label.get("segment"))
        return {("segment", name) for name in named_by if name}
    if kind == "source":
        return {("mapping", document["mapping"])} if document.get("mapping") else set()
    return set()


def _said(raw: object, location: Iterable[int | str]) -> Iterator[str]:
    """A place as the author wrote it: pydantic also names the type it chose for a part (`nodes.0.delay.for`)."""
    at: object = raw
    for part in location:
        if isinstance(at, Mapping) and part not in at and part in (at.get("type"), at.get("kind")):
            continue
        yield str(part)
        if isinstance(at, Mapping):
            at = at.get(part)
        elif isinstance(at, list | tuple) and isinstance(part, int) and part < len(at):
            at = at[part]
        else:
            at = None


def _step(conn: Connection, document: dict[str, Any], publish_journeys: bool) -> Step:
    kind, name = document["kind"], document["id"]
    old = definitions.find(conn, kind, name)
    changes = tuple(difference(old.document, document)) if old else ()
    action: Action = "create" if old is None else "change" if changes else "same"
    in_force = {d.id: d.version for d in definitions.published(conn, kind)}
    stale = old is None or bool(changes) or old.status != "live" or in_force.get(name) != old.version
    publish = stale and (kind not in ASKED or publish_journeys)
    return Step(kind, name, action, old.version if old else 0, publish, changes, document)


def _in_order(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each kind after those it names, and each segment after the segments it names."""
    waiting = sorted(documents, key=lambda d: (ORDER.index(d["kind"]), d["id"]))
    out: list[dict[str, Any]] = []
    while waiting:
        open_names = {(d["kind"], d["id"]) for d in waiting}
        ready = [d for d in waiting if not names_in(d) & open_names]
        if not ready:
            raise InvalidInput("these documents name each other in a circle", field="documents")
        out += ready
        waiting = [d for d in waiting if d not in ready]
    return out


def _in_force(conn: Connection, kind: str, name: str) -> Definition:
    for found in definitions.published(conn, kind):
        if found.id == name:
            return found
    raise Conflict(f"the {kind} {name!r} was never published, wanted it published first")


def _unneeded(conn: Connection, kind: str, name: str) -> None:
    for other in ORDER:
        for found in definitions.published(conn, other):
            named = names_in(found.document) | (traits_judged(found.document) if kind == "trait" else set())
            if (kind, name) in named and (other, found.id) != (kind, name):
                raise Conflict(f"the {other} {found.id!r} names this {kind}, wanted it changed or taken back first")


def model_of(kind: str) -> type[BaseModel]:
    """The model of a kind of document: its schema is the console's form."""
    if kind not in definition_kinds:
        raise InvalidInput(f"kind is {kind[:40]!r}, wanted one of {', '.join(sorted(definition_kinds))}", field="kind")
    return definition_kinds[kind]
