"""A file of many rows is taken part by part, and says the same as when it is taken at once."""

from __future__ import annotations

from homing.storage.files import scratch
from import_desk import LINES, counts


def test_a_file_of_many_parts_becomes_the_same_orders(desk, monkeypatch):
    lines = LINES + "".join(
        f"20{n % 50},cust{n % 7},2026-01-03 {n % 24:02}:{n % 60:02}:00,p{n},Tea \"\"{n}\"\",{n % 4},{n}.5,,s1,\n"
        for n in range(400)
    ) + ",ann,2026-01-02,p,x,1,1,1,,\n"  # fmt: skip
    path = desk.file("orders.csv", lines)
    whole = desk.bring(path, "orders", source="whole")
    monkeypatch.setattr(scratch, "PART_ROWS", 60)  # so many a part
    cut = desk.bring(path, "orders", source="parts")
    assert counts(cut) == counts(whole) == (405, 403, 1, 1)
    assert cut["orders"] == whole["orders"] == 52
    said: dict[str, dict[str, object]] = {"whole": {}, "parts": {}}
    for e in desk.events():
        said[e.source_id][e.event_id.rpartition(":")[2]] = (e.happened_us, e.ids, e.properties)
    assert said["whole"] == said["parts"]
    assert counts(desk.bring(path, "orders", source="parts")) == (405, 0, 404, 1)
