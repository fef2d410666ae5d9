"""What other tools export comes in as rows: analytics, search index, WeChat, and what advertising cost.

The headers are those the tools write; every name and number below is made up and small, so that it can be added up.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from homing.collect.files import ImportRequest, run_import
from homing.collect.formats import About, formats
from homing.collect.formats.lay import format_of
from homing.core.errors import InvalidInput
from homing.core.event import Id
from homing.core.time import parse_iso
from homing.storage.log import SqliteLog
from homing.storage.state import State

NOW = parse_iso("2026-01-20T12:00:00Z")


class Read:
    """What a file became."""

    def __init__(self, path: Path, name: str, **settings: object) -> None:
        parts = list(format_of(name, settings).read(path, About(currency="USD")))
        self.rows = [row for p in parts for _, row in p.rows]
        self.broken = [(b.row, b.code) for p in parts for b in p.broken]
        self.left_out = sum(p.left_out for p in parts)

    def figures(self) -> list[dict]:
        return [{k: v for k, v in r["properties"].items() if k != "row_key"} for r in self.rows]


@pytest.fixture
def put(tmp_path: Path):
    def put(text: str, encoding: str = "utf-8", name: str = "export.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return put


@pytest.fixture
def bring(tmp_path: Path):
    log, state = SqliteLog(tmp_path / "log", lambda: NOW), State(tmp_path / "state.db")

    def bring(path: Path, name: str, **settings: object):
        kind = formats.get(name).gives
        request = ImportRequest(path, kind, format=name, settings=settings, zone="Asia/Shanghai")
        done = run_import(request, log, state, now_us=NOW, rejected_dir=tmp_path / "rejected")
        assert done.read == done.accepted + done.duplicate + done.rejected
        return done, [s.event for s in log.read(0, 1000)]

    yield bring
    log.close()
    state.close()


# -- advertising -------------------------------------------------------------------------------------------------------
OCEAN = """时间-天,项目ID,项目名称,消耗(元),展示数,点击数,点击率%,转化数
2026-01-05,7001,示例项目甲,"1,234.50","10,000",120,1.2,3
2026-01-05,7002,示例项目乙,65.50,500,5,1.0,-
总计,-,-,"1,300.00","10,500",125,1.19,3
"""
TENCENT = """日期,广告ID,广告名称,花费,曝光次数,点击次数,目标转化量
20260105,9001,示例广告,88.8,1000,12,1
汇总,,,88.8,1000,12,1
"""
GOOGLE = """Campaign report
"January 5, 2026 - January 6, 2026"
Day\tCampaign\tCampaign ID\tCurrency code\tCost\tImpr.\tClicks\tConversions\tConv. value
2026-01-05\tSample\t11\tEUR\t1,012.34\t1,000\t12\t1.00\t30.00
2026-01-06\tSample\t11\tEUR\t10.00\t900\t9\t0.50\t --
Total: Account\t --\t --\tEUR\t1,022.34\t1,900\t21\t1.50\t30.00
"""
META = """Reporting starts,Reporting ends,Campaign name,Ad set name,Amount spent (USD),Impressions,Link clicks,Purchases
2026-01-05,2026-01-05,,,70.10,5000,70,2
2026-01-05,2026-01-05,Sample,Lookalike,40.10,3000,40,2
2026-01-05,2026-01-05,Sample,Interests,30,2000,30,
"""
META_ZH = """报告开始日期,报告结束日期,广告系列名称,已花费金额 (CNY),展示次数,链接点击量
2026-01-05,2026-01-11,示例,700.00,5000,70
"""


def costs(found: Read) -> list[tuple]:
    return [(r["time"], r["platform"], r.get("campaign"), r["cost"], r["currency"], r["impressions"], r["clicks"],
             r.get("conversions")) for r in found.rows]  # fmt: skip


def test_the_platform_of_a_cost_report_is_told_by_its_columns_and_totals_are_left_out(put):
    ocean = Read(put(OCEAN, "gb18030"), "ad_costs")
    assert costs(ocean) == [
        ("2026-01-05", "ocean_engine", "示例项目甲", 1234.5, "CNY", 10000, 120, 3),
        ("2026-01-05", "ocean_engine", "示例项目乙", 65.5, "CNY", 500, 5, None),
    ]
    tencent = Read(put(TENCENT), "ad_costs")
    assert costs(tencent) == [("2026-01-05", "tencent_ads", None, 88.8, "CNY", 1000, 12, 1)]
    assert tencent.rows[0]["ad_group"] == "示例广告"
    google = Read(put(GOOGLE, "utf-16"), "ad_costs")
    assert costs(google) == [
        ("2026-01-05", "google_ads", "Sample", 1012.34, "EUR", 1000, 12, 1),
        ("2026-01-06", "google_ads", "Sample", 10, "EUR", 900, 9, 0.5),
    ]
    meta = Read(put(META), "ad_costs")
    assert [(r["ad_group"], r["cost"], r.get("conversions")) for r in meta.rows] == [
        ("Lookalike", 40.1, 2), ("Interests", 30, None),
    ]  # fmt: skip
    week = Read(put(META_ZH), "ad_costs").rows[0]
    assert (week["platform"], week["time"], week["until"], week["currency"]) == (
        "meta", "2026-01-05", "2026-01-11", "CNY",
    )  # fmt: skip
    assert [r.left_out for r in (ocean, tencent, google, meta)] == [1, 1, 1, 1]


def test_any_report_with_a_day_and_a_cost_will_do_and_what_is_said_wins(put):
    path = put("date,channel,campaign,spend,currency\n2026-01-05,bing,Sample,10,GBP\n2026-01-05,,Other,5,\n")
    assert [(r["channel"], r["cost"], r["currency"]) for r in Read(path, "ad_costs").rows] == [
        ("bing", 10, "GBP"), ("generic", 5, "USD"),
    ]  # fmt: skip
    said = Read(path, "ad_costs", channel="search", currency="JPY").rows
    assert [(r["channel"], r["currency"]) for r in said] == [("bing", "GBP"), ("search", "JPY")]
    with pytest.raises(InvalidInput, match="date, cost"):
        Read(put("a,b\n1,2\n"), "ad_costs")
    with pytest.raises(InvalidInput, match="currency"):
        format_of("ad_costs", {"currency": "yuan"})


def test_rows_of_a_report_that_cannot_be_read_are_refused_with_the_reason(put):
    found = Read(put("date,campaign,cost,currency\n2026-01-05,a,x,\nsoon,b,1,\n2026-01-05,c,,\n2026-01-05,d,1,gold\n"
                     '2026-01-05,"open,1,\n2026-01-05,e,2,USD\n'), "ad_costs")  # fmt: skip
    assert found.broken == [
        (2, "bad_number"), (3, "bad_time"), (4, "missing_value"), (5, "bad_currency"), (6, "broken_row"),
    ]  # fmt: skip
    assert [r["campaign"] for r in found.rows] == ["e"]


def test_costs_become_events_once_and_corrected_figures_keep_their_key(put, bring):
    done, _ = bring(put(GOOGLE, "utf-16"), "ad_costs")
    assert (done.accepted, done.duplicate, done.extra["left_out"]) == (2, 0, 1)
    again, _ = bring(put(GOOGLE, "utf-16"), "ad_costs")
    assert (again.accepted, again.duplicate) == (0, 2)
    mended, events = bring(put(GOOGLE.replace("\t10.00\t", "\t11.00\t"), "utf-16"), "ad_costs")
    assert (mended.accepted, mended.duplicate) == (1, 1)
    assert {e.name for e in events} == {"Ad Cost Recorded"}
    of_the_sixth = [e.properties for e in events if e.properties["date"] == "2026-01-06"]
    assert [p["cost"] for p in of_the_sixth] == [10, 11]
    assert len({p["cost_key"] for p in of_the_sixth}) == 1
    assert all(not e.ids for e in events)


def test_a_report_broken_down_further_keeps_every_row_apart(put, bring):
    path = put("date,campaign,age,cost\n2026-01-05,Sample,18-24,1\n2026-01-05,Sample,25-34,2\n")
    _, events = bring(path, "ad_costs")
    assert sorted(e.properties["cost"] for e in events) == [1, 2]
    assert len({e.properties["cost_key"] for e in events}) == 2


# -- figures -----------------------------------------------------------------------------------------------------------
def test_baidu_index_is_read_by_row_and_by_column_in_gbk(put):
    by_row = Read(put('日期,关键词,搜索指数,PC,移动\n2026-01-05,绿茶,"1,234",200,1034\n', "gbk"), "baidu_index")
    assert by_row.figures() == [
        {"dataset": "baidu_index", "date": "2026-01-05", "keyword": "绿茶", "index": 1234, "pc": 200, "mobile": 1034}
    ]
    by_column = Read(put("日期,绿茶,红茶\n2026/1/5,1234,99\n2026/1/6,1,--\n", "gbk"), "baidu_index")
    assert [(f["date"], f["keyword"], f["index"]) for f in by_column.figures()] == [
        ("2026-01-05", "绿茶", 1234), ("2026-01-05", "红茶", 99), ("2026-01-06", "绿茶", 1),
    ]  # fmt: skip
    assert by_row.rows[0]["properties"]["row_key"] == by_column.rows[0]["properties"]["row_key"]


def test_wechat_figures_take_the_names_of_its_interfaces(put):
    official = Read(
        put("时间,新关注人数,取消关注人数,净增关注人数,累积关注人数\n2026-01-05,12,3,9,1009\n"), "wechat_stats"
    )
    assert official.figures() == [{"dataset": "wechat_official", "date": "2026-01-05", "new_user": 12,
                                   "cancel_user": 3, "net_user": 9, "cumulate_user": 1009}]  # fmt: skip
    reads = Read(put("日期,图文页阅读人数,图文页阅读次数,分享人数,收藏人数\n2026-01-05,50,80,4,2\n"), "wechat_stats")
    assert reads.figures()[0]["int_page_read_count"] == 80
    path = put("日期,访问次数,访问人数,新用户数,次均停留时长,分享次数\n20260105,120,30,9,45.5,3\n")
    mini = Read(path, "wechat_stats", account_name="shop")
    assert mini.figures() == [{"dataset": "wechat_mini", "date": "2026-01-05", "account": "shop", "visit_pv": 120,
                               "visit_uv": 30, "visit_uv_new": 9, "stay_time_session": 45.5,
                               "share_pv": 3}]  # fmt: skip


GA4_REPORT = """# ----------------------------------------
# Traffic acquisition: Session primary channel group (Default Channel Group)
# Account: Sample
# Property: Sample shop
# ----------------------------------------
#
# All Users
# Start date: 20260105
# End date: 20260111
Session primary channel group (Default Channel Group),Sessions,Engagement rate
Organic Search,100,62.5%
Direct,50,0.5
,150,0.58

# Start date: 20260105
# End date: 20260111
Nth day,Active users
0000,10
0001,12
"""


def test_a_report_of_google_analytics_is_read_table_by_table(put):
    found = Read(put(GA4_REPORT), "ga4_report")
    channel = "Session primary channel group (Default Channel Group)"
    assert found.figures() == [
        {"dataset": "ga4_traffic_acquisition", "date": "2026-01-05", channel: "Organic Search",
         "until": "2026-01-11", "Sessions": 100, "Engagement rate": 0.625},
        {"dataset": "ga4_traffic_acquisition", "date": "2026-01-05", channel: "Direct",
         "until": "2026-01-11", "Sessions": 50, "Engagement rate": 0.5},
        {"dataset": "ga4_traffic_acquisition_nth_day", "date": "2026-01-05", "Active users": 10},
        {"dataset": "ga4_traffic_acquisition_nth_day", "date": "2026-01-06", "Active users": 12},
    ]  # fmt: skip
    assert found.left_out == 1
    with pytest.raises(InvalidInput, match="notes"):
        Read(put("Channel,Sessions\nDirect,1\n"), "ga4_report")


def test_figures_belong_to_nobody_and_come_in_once(put, bring):
    done, events = bring(put(GA4_REPORT), "ga4_report")
    assert (done.accepted, done.rejected) == (4, 0)
    assert {(e.name, e.ids) for e in events} == {("Row Recorded", ())}
    assert bring(put(GA4_REPORT), "ga4_report")[0].duplicate == 4


# -- events of analytics -----------------------------------------------------------------------------------------------
def ga4(name: str, /, *, at: object = "1767607200000000", params: dict | None = None, **more: object) -> dict:
    """A row as BigQuery exports it: whole numbers as text, parameters as repeated records."""
    listed = [
        {"key": k, "value": {"string_value": v} if isinstance(v, str) else {"int_value": str(v)}}
        for k, v in (params or {}).items()
    ]
    return {"event_date": "20260105", "event_timestamp": at, "event_name": name, "event_params": listed,
            "user_pseudo_id": "111.222", "stream_id": "3", **more}  # fmt: skip


def lines(*rows: dict) -> str:
    return "".join(json.dumps(r) + "\n" for r in rows)


ITEM = {"item_id": "p1", "item_name": "Green tea", "item_category": "Tea", "item_brand": "(not set)", "price": 3.5,
        "quantity": "2", "coupon": "(not set)"}  # fmt: skip


def test_events_of_google_analytics_take_segments_names(put, bring):
    view = ga4("page_view", params={"page_location": "https://shop.example/tea?x=1", "page_title": "Tea",
                                    "ga_session_id": 77},
               device={"category": "mobile", "operating_system": "iOS", "language": "zh-cn"},
               geo={"country": "China", "city": "(not set)"},
               collected_traffic_source={"manual_source": "news", "manual_medium": "email"})  # fmt: skip
    add = ga4("add_to_cart", at=1767607201000000, items=[ITEM], params={"currency": "USD", "value": 7})
    buy = ga4("purchase", at="1767607202000000", user_id="ann", items=[ITEM, {**ITEM, "item_id": "p2"}],
              ecommerce={"transaction_id": "o-1", "purchase_revenue": 14.0, "tax_value": 1.5},
              params={"currency": "USD", "transaction_id": "o-1", "value": 14})  # fmt: skip
    scroll = ga4("scroll", at="1767607203000000", params={"percent_scrolled": 90})
    done, events = bring(put(lines(view, add, buy, scroll), name="events.json"), "ga4_events")
    assert (done.accepted, done.rejected) == (4, 0)
    page, cart, order, other = events
    assert (page.kind, page.happened_us) == ("page", 1767607200000000)
    assert (page.properties["path"], page.properties["title"]) == ("/tea", "Tea")
    assert page.context["campaign"] == {"source": "news", "medium": "email"}
    assert (page.context["session_id"], page.context["device"]["type"]) == ("111.222.77", "mobile")
    assert page.context["location"] == {"country": "China"}
    assert cart.name == "Product Added"
    assert {k: cart.properties[k] for k in ("product_id", "name", "price", "quantity", "currency", "value")} == {
        "product_id": "p1", "name": "Green tea", "price": 3.5, "quantity": 2, "currency": "USD", "value": 7,
    }  # fmt: skip
    assert (order.name, order.ids) == ("Order Completed", (Id("user_id", "ann"), Id("anonymous_id", "111.222")))
    assert (order.properties["order_id"], order.properties["revenue"], order.properties["tax"]) == ("o-1", 14, 1.5)
    assert [p["product_id"] for p in order.properties["products"]] == ["p1", "p2"]
    assert (other.name, other.properties["percent_scrolled"]) == ("scroll", 90)
    again, _ = bring(put(lines(view, add, buy, scroll), name="events.json"), "ga4_events")
    assert (again.accepted, again.duplicate) == (0, 4)


def test_where_orders_come_from_the_shop_a_purchase_stays_a_purchase(put):
    path = put(lines(ga4("purchase", items=[ITEM])), name="events.json")
    assert Read(path, "ga4_events").rows[0]["event"] == "Order Completed"
    assert Read(path, "ga4_events", purchases=False).rows[0]["event"] == "purchase"


def test_lines_of_an_export_that_are_no_events_are_refused_one_by_one(put):
    text = "nothing\n[]\n" + lines(ga4(""), ga4("scroll", at="yesterday"), ga4("scroll", items=[{"item_id": {}}, 7]))
    found = Read(put(text, name="events.json"), "ga4_events")
    assert found.broken == [(1, "bad_json"), (2, "bad_json"), (3, "missing_event"), (4, "bad_time")]
    assert len(found.rows) == 1


def test_every_format_has_its_words_in_both_languages():
    for name, made in formats.items():
        en, zh = made.title
        assert en.isascii(), name
        assert zh != en, name
        english, chinese = (made.__doc__ or "").split("\n\n")
        assert english.isascii(), name
        assert not chinese.isascii(), name
        for field in made.model_json_schema().get("properties", {}).values():
            assert {"title", "x-title-zh"} <= field.keys(), name
