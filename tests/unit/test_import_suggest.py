"""What a file may be is told by its names and its values, with a reason, before anything is written."""

from __future__ import annotations

import gzip

import pytest

from homing.collect.definitions import Mapping
from homing.collect.files import ImportRequest
from homing.collect.files.look import check_mapping, look_at
from homing.collect.files.suggest import guess_kinds, suggest
from homing.core.errors import InvalidInput


def fields(found):
    return {s.column: s.field for s in found if s.field}


def test_values_say_what_the_header_does_not():
    columns = ["编号", "x1", "x2", "x3", "x4"]
    values = [["A1", "A2", "A3"], ["13800138000", "139 1234 5678", "-"], ["2026/1/2 3:04", "2026/1/3", ""],
              ["CNY", "USD", "CNY"], ["a@x.com", "b@x.cn", "c@x.com"]]  # fmt: skip
    found = suggest("customers", columns, values, "CN")
    assert fields(found) == {"x1": "phone", "x2": "time", "x4": "email"}
    by = {s.column: s for s in found}
    assert by["x4"].reason.en == "3 of 3 values are e-mail addresses"
    assert by["x1"].reason.zh == "2 个值中有 2 个是电话号码"
    assert 0.5 < by["x1"].confidence < by["x4"].confidence < 1
    assert by["x3"].sort == "currency"  # seen, though customers have no such field


def test_a_name_outweighs_values_but_not_values_that_cannot_be_meant():
    found = suggest("orders", ["金额", "price"], [["12.50", "8"], ["a@x.com", "b@x.com"]], "CN")
    assert fields(found)["金额"] == "revenue"
    assert found[0].reason.code == "name"
    assert found[1].confidence < 0.9


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"], "orders"),
        (["订单号", "下单时间", "实付金额", "手机号"], "orders"),
        (["客户编号", "姓名", "邮箱"], "customers"),
        (["sku", "名称", "价格", "品类"], "products"),
        (["event", "timestamp", "user_id"], "events"),
        (["日期", "平台", "推广计划", "花费", "展示数", "点击数"], "costs"),
        (["商品编号", "仓库", "库存数量", "盘点时间"], "stock"),
        (["工单号", "主题", "处理状态", "优先级", "客户编号"], "tickets"),
        (["会员卡号", "变动积分", "积分余额", "变动时间"], "points"),
        (["商品id", "评分", "评价内容", "评价时间", "用户id"], "reviews"),
        (["日期", "币种", "目标币种", "汇率"], "rates"),
        (["gate", "passed", "weather"], "table"),
    ],
)
def test_the_kind_is_guessed_from_the_columns(columns, kind):
    assert guess_kinds(columns, [[]] * len(columns), "file.csv", "CN")[0][0] == kind


def test_a_look_reads_only_the_beginning_and_offers_the_saved_mapping(desk):
    head = "小票号,结账时间,实收,门店\n"
    rows = "".join(f"t{n},2026-01-02 10:00,{n}.5,西湖店\n" for n in range(60_000))
    path = desk.folder / "tills.csv.gz"
    path.write_bytes(gzip.compress((head + rows).encode("gbk")))
    mapping = Mapping.model_validate({
        "id": "till-export", "name": "Tills", "as": "orders",
        "map": {"order_id": "小票号", "time": "结账时间", "revenue": "实收"}, "columns": ["小票号", "结账时间", "实收"],
    })  # fmt: skip
    other = Mapping.model_validate({"id": "x", "name": "x", "as": "orders", "map": {"order_id": "单据"}})
    seen = look_at(path, region="CN", saved=[other, mapping])
    assert (seen.encoding, seen.columns) == ("gb18030", ("小票号", "结账时间", "实收", "门店"))
    assert [(f.mapping.id, f.share) for f in seen.fitting] == [("till-export", 0.75)]
    assert seen.kind == "orders"
    assert desk.events() == []


def test_what_will_not_do_is_said_before_anything_is_noted(desk):
    path = desk.file("o.csv", "a,b\n1,2\n")
    with pytest.raises(InvalidInput, match="no column for order_id"):
        check_mapping(ImportRequest(path, "orders"))
    check_mapping(ImportRequest(path, "table"))
