"""A log, a state and a folder, and files brought in through the front door: what the tests of imports share."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from homing.collect.files import ImportRequest, run_import
from homing.core.time import parse_iso
from homing.storage.log import SqliteLog
from homing.storage.state import State

NOW = parse_iso("2026-01-06T12:00:00Z")


class Desk:
    """A log, a state and a folder for files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = SqliteLog(folder / "log", lambda: NOW)
        self.state = State(folder / "state.db")

    def file(self, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    def bring(self, path: Path, kind: str, **kw: object) -> dict[str, object]:
        request = ImportRequest(path, kind, **kw)  # type: ignore[arg-type]
        made = run_import(request, self.log, self.state, now_us=NOW, rejected_dir=self.folder / "rejected")
        got = made.as_dict()
        assert got["read"] == made.accepted + made.duplicate + made.rejected
        return got

    def events(self):
        return [s.event for s in self.log.read(0, 100_000)]

    def plain(self):
        return [json.loads(json.dumps(e.properties)) for e in self.events()]


@pytest.fixture
def desk(tmp_path: Path):
    made = Desk(tmp_path)
    yield made
    made.log.close()
    made.state.close()


def workbook(rows: list[list[object]], dates: set[int]) -> bytes:
    """The smallest workbook there is: one sheet, texts inline, style 1 a date."""
    ns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"

    def cell(row: int, at: int, value: object) -> str:
        place = f'r="{chr(65 + at)}{row}"'
        if isinstance(value, str):
            return f'<c {place} t="inlineStr"><is><t>{value}</t></is></c>'
        return f'<c {place} s="{int(at in dates)}"><v>{value}</v></c>'

    body = "".join(
        f'<row r="{n}">{"".join(cell(n, at, v) for at, v in enumerate(cells))}</row>'
        for n, cells in enumerate(rows, start=1)
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
        f'ContentType="{kind}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{rels}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {ns} xmlns:r="{rels}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{rels}/worksheet" Target="worksheets/s.xml"/><Relationship Id="r2" Type="{rels}/styles" '
        'Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {ns}><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>',
        "xl/worksheets/s.xml": f"<worksheet {ns}><sheetData>{body}</sheetData></worksheet>",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, text in parts.items():
            file.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return packed.getvalue()


def counts(got: dict[str, object]) -> tuple[object, ...]:
    return got["read"], got["accepted"], got["duplicate"], got["rejected"]


LINES = """order_id,customer_id,time,product_id,product_name,quantity,price,revenue,store_id,coupon
1001,ann,2026-01-02 10:00:00,p1,"Tea, green",2,1.10,2.20,s1,
1001,ann,2026-01-02 10:00:00,p2,Cup,1,0.10,0.10,s1,SAVE
1002,bob,2026-01-02T09:00:00+08:00,p1,"Tea, green",3,1.10,3.30,s2,
1001,ann,2026-01-02 10:00:00,p2,Cup,1,0.10,0.10,s1,SAVE
"""
