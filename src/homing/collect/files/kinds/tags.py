"""What does a row of tags say? That a customer has a tag, or has it no more: `Tag Added`, `Tag Removed`.

The tag is named by its id and must be an import tag that is in force; what a row says of another one is kept in the log
and changes nobody. The file's name goes along, so that a customer's page can say whence the tag is.
"""

from __future__ import annotations

import re
from typing import Any

from homing.collect.files.aliases import TIME, WHO
from homing.collect.files.feed import ImportRequest
from homing.collect.files.kind import Kind, add
from homing.collect.files.records import Row, RowProblem, fingerprint
from homing.collect.met import unlike
from homing.core.event import Event

ADDED, REMOVED = "Tag Added", "Tag Removed"
_ID = re.compile(r"^[a-z0-9][a-z0-9_]{0,62}$")
_GIVE = frozenset({"", "add", "added", "give", "1", "true", "yes", "y", "添加", "新增", "增加", "打上", "是"})
_TAKE = frozenset({"remove", "removed", "delete", "take", "0", "false", "no", "n", "移除", "删除", "取消", "否"})
_FIELDS = {
    "tag": "tag tagid tagname label 标签 标签id 标签编号 标签名 标签名称",
    "value": "value tagvalue 值 标签值",
    "action": "action operation op 操作 动作 增删",
    "time": TIME + " taggedat 打标时间",
    **WHO,
}


def _maker(request: ImportRequest, now_us: int) -> Any:
    file = (request.file_name or request.path.name)[:200]

    def make(row: Row) -> list[Event]:
        ids = row.ids()
        if not ids:
            raise RowProblem("missing_value", "no identifier names anybody, wanted at least one")
        tag = (row.text("tag") or "").lower()
        if not _ID.match(tag):
            raise RowProblem("bad_tag", unlike("tag", tag, "a tag's id: small letters, digits and _"))
        word = (row.text("action") or "").lower()
        if word not in _GIVE | _TAKE:
            raise RowProblem("bad_tag", unlike("action", word, "add or remove"))
        at, said = row.time(now_us), row.raw("time") is not None
        properties: dict[str, Any] = {"tag": tag, "file": file}
        value = row.text("value")
        if value is not None:
            properties["value"] = value
        name = REMOVED if word in _TAKE else ADDED
        known = fingerprint(ids, properties, at if said else None, name)
        event_id = f"tag:{request.source}:{tag}:{known}"
        return [Event(event_id=event_id, kind="track", name=name, happened_us=at, source_id=request.source, ids=ids,
                      properties=properties)]  # fmt: skip

    return make


add(Kind(
    "tags", "a tag of somebody", "某人的一个标签", _FIELDS, _maker, needs=(("tag",),), who=True, free=False,
))  # fmt: skip
