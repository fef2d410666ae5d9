"""A web server's log becomes pages and visits: robots marked, nobody's address kept, no line lost, none twice."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from homing.collect.files import ImportRequest, plan_import, run_import
from homing.collect.formats import About
from homing.collect.formats.agents import agent_of
from homing.collect.formats.format import Part, in_parts, lines_of
from homing.collect.formats.lay import format_of
from homing.core.errors import InvalidInput, NotFound
from homing.core.time import MINUTE, parse_iso
from homing.storage.log import SqliteLog
from homing.storage.state import State

NOW = parse_iso("2026-01-06T12:00:00Z")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def line(path="/", at="05/Jan/2026:10:00:00 +0000", ip="192.0.2.7", agent=FIREFOX, referrer="-", status=200):
    return f'{ip} - - [{at}] "GET {path} HTTP/1.1" {status} 512 "{referrer}" "{agent}"'


def read(*lines: str, secret: bytes = b"a workspace's own", **settings: object) -> Part:
    reader = format_of("access_log", settings).reader(About(source="web", secret=secret))
    parts = list(in_parts(reader, enumerate((f"{one}\n".encode() for one in lines), start=1)))
    return Part(
        [r for p in parts for r in p.rows], [b for p in parts for b in p.broken], sum(p.left_out for p in parts)
    )


def rows(*lines: str, **settings: object) -> list[dict]:
    return [row for _, row in read(*lines, **settings).rows]


def test_a_line_says_what_was_asked_for_where_from_and_with_what():
    (row,) = rows(line("/tea?utm_source=news&utm_campaign=Spring%20sale&email=ann@example.com",
                       referrer="https://search.example/find?q=ann", agent=PHONE))  # fmt: skip
    assert (row["type"], row["time"]) == ("page", "2026-01-05T10:00:00Z")
    assert row["properties"] == {
        "path": "/tea", "search": "?utm_source=news&utm_campaign=Spring%20sale",
        "referrer": "https://search.example/find", "method": "GET", "status": 200, "bytes": 512,
        "browser": "Mobile Safari", "system": "iOS",
    }  # fmt: skip
    assert row["context"]["campaign"] == {"source": "news", "name": "Spring sale"}
    assert (row["context"]["ip"], row["context"]["device"]) == ("192.0.2.0", {"type": "mobile"})
    assert "example.com" not in str(row)  # what a query says of a person is not kept


def test_addresses_are_cut_and_a_visitor_leads_back_to_nobody_without_the_secret():
    here, neighbour, six = rows(line(ip="192.0.2.7"), line(ip="192.0.2.200"), line(ip="2001:db8:1:2::5"))
    assert (here["context"]["ip"], six["context"]["ip"]) == ("192.0.2.0", "2001:db8:1::")
    assert here["anonymous_id"] == neighbour["anonymous_id"] != six["anonymous_id"]
    (elsewhere,) = rows(line(), secret=b"another")
    assert elsewhere["anonymous_id"] != here["anonymous_id"]
    assert elsewhere["message_id"] != here["message_id"]
    assert "192.0.2.7" not in str(here)
    broken = read(line().replace('"GET', "GET")).broken[0]
    assert broken.text.startswith("192.0.2.0 - - [05/Jan/2026:10:00:00 +0000]")
    assert rows(line(), address="whole")[0]["context"]["ip"] == "192.0.2.7"
    assert "ip" not in rows(line(), address="none")[0]["context"]


def test_a_visit_ends_after_half_an_hour_of_silence_and_robots_have_none():
    minutes = (0, 20, 49, 80)  # 20 and 29 minutes of silence, then 31
    pages = [line(at=f"05/Jan/2026:1{m // 60}:{m % 60:02d}:00 +0000") for m in minutes]
    visits = [r["context"]["session_id"] for r in rows(*pages, line(agent=PHONE))]
    assert visits[0] == visits[1] == visits[2] != visits[3]
    assert visits[4] not in visits[:4]
    robot, nobody, person = rows(line(agent=GOOGLEBOT), line(agent="-"), line())
    assert robot["properties"]["bot"] is nobody["properties"]["bot"] is True
    assert "session_id" not in robot["context"]
    assert robot["anonymous_id"] == "anonymous"  # a blocked value: a robot is no customer
    assert "bot" not in person["properties"]


def test_what_a_page_is_made_of_is_left_out_and_counted():
    lines = [line("/"), line("/a.png"), line("/fonts/x.woff2?v=3"), line("/guide.pdf"), line("/app.JS")]
    part = read(*lines)
    assert ([r["properties"]["path"] for _, r in part.rows], part.left_out) == (["/", "/guide.pdf"], 3)
    assert len(rows(*lines, assets=True)) == 5


def test_equal_lines_of_one_second_are_all_kept_and_read_again_they_are_the_same():
    once = [row["message_id"] for row in rows(line(), line(), line(), line("/b"))]
    assert len(set(once)) == 4
    assert once == [row["message_id"] for row in rows(line(), line(), line(), line("/b"))]


def test_common_json_and_nginx_with_forwarded_addresses_are_read_without_being_told():
    common = '192.0.2.7 - ann [05/Jan/2026:10:00:00 +0800] "POST /buy HTTP/2.0" 302 -'
    json = (
        '{"time_iso8601":"2026-01-05T10:00:00+08:00","remote_addr":"192.0.2.7","request":"GET /tea?a=1 HTTP/1.1",'
        '"status":200,"body_bytes_sent":"12","http_user_agent":"' + PHONE + '","http_referer":"","host":"shop.example"}'
    )
    a, b, c = rows(common, json, line() + ' "203.0.113.9, 192.0.2.1"', forwarded=True)
    assert (a["time"], a["properties"]["method"], a["properties"]["status"]) == ("2026-01-05T02:00:00Z", "POST", 302)
    assert "bot" not in a["properties"]  # the pattern has no agent, which proves nothing
    assert "customer_id" not in a
    assert (b["time"], b["properties"]["path"]) == ("2026-01-05T02:00:00Z", "/tea")
    assert b["context"]["page"]["url"] == "https://shop.example/tea"
    assert c["context"]["ip"] == "203.0.113.0"
    assert rows(common, users=True)[0]["customer_id"] == "ann"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ('$remote_addr - $remote_user [$time_local] "$request" $status $bytes_sent $request_time "$http_user_agent"',
         f'192.0.2.7 - - [05/Jan/2026:10:00:00 +0000] "GET /tea HTTP/1.1" 200 12 0.004 "{PHONE}"'),
        ('$msec|$remote_addr|$request_method|$scheme://$host$request_uri|$status|$http_user_agent',
         f"1767607200.000|192.0.2.7|GET|https://shop.example/tea|200|{PHONE}"),
        (r'%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"',
         f'shop.example:443 192.0.2.7 - - [05/Jan/2026:10:00:00 +0000] "GET /tea HTTP/1.1" 200 12 "-" "{PHONE}"'),
    ],
)  # fmt: skip
def test_a_pattern_in_the_servers_own_words_is_understood(pattern, text):
    (row,) = rows(text, pattern=pattern)
    assert (row["properties"]["path"], row["properties"]["status"]) == ("/tea", 200)
    assert (row["time"], row["context"]["ip"]) == ("2026-01-05T10:00:00Z", "192.0.2.0")
    assert row["context"]["device"] == {"type": "mobile"}


@pytest.mark.parametrize("pattern", ["$remote_addr", '"$request"', "$time_local$request", "no variable"])
def test_a_pattern_that_cannot_be_read_is_refused_with_the_reason(pattern):
    with pytest.raises(InvalidInput, match="pattern"):
        format_of("access_log", {"pattern": pattern})


def test_lines_that_are_none_are_refused_one_by_one_with_the_reason():
    lines = [line(), "garbage", line(at="99/Jan/2026:10:00:00 +0000"), line().replace("GET / HTTP/1.1", r"\x16\x03"),
             '{"time": broken', "x" * 300_000, line("/b")]  # fmt: skip
    part = read(*lines)
    assert [(b.row, b.code) for b in part.broken] == [
        (2, "broken_line"), (3, "bad_time"), (4, "broken_request"), (5, "bad_json"), (6, "line_too_long"),
    ]  # fmt: skip
    assert [number for number, _ in part.rows] == [1, 7]


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path):
    path = tmp_path / "a.log"
    path.write_bytes(b"x" * 3_000_000 + b"\n" + line().encode())
    with path.open("rb") as file:
        found = [(number, len(text)) for number, text in lines_of(file)]
    assert found[0][1] < 300_000
    assert found[1:] == [(2, len(line()))]


def test_escaped_text_is_read_as_it_was_and_agents_are_told_apart():
    (row,) = rows(line("/a", agent=r"Mozilla/5.0 (\"quoted\") \xE4\xB8\xAD\xE6\x96\x87"))
    assert row["context"]["userAgent"] == 'Mozilla/5.0 ("quoted") 中文'
    for text in (GOOGLEBOT, "curl/8.5.0", "python-requests/2.31", "Feedly/1.0 (+http://www.feedly.com/fetcher.html)"):
        assert agent_of(text).bot, text
    for text in (FIREFOX, PHONE):
        assert not agent_of(text).bot, text
    assert agent_of("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15").device == "tablet"


def test_a_log_cut_anywhere_gives_the_same_rows_as_the_whole():
    lines = [line(f"/{n % 3}", at=f"05/Jan/2026:10:{n * 7 % 60:02d}:0{n % 2} +0000", ip=f"192.0.{n % 4}.1")
             for n in range(40)] * 2  # fmt: skip
    numbered = list(enumerate((f"{one}\n".encode() for one in lines), start=1))
    log, about = format_of("access_log", {}), About(secret=b"k")
    whole = [row for p in in_parts(log.reader(about), numbered) for row in p.rows]
    for cut in (1, 13, 40, 41, 79):
        first = log.reader(about)
        got = [row for p in in_parts(first, numbered[:cut]) for row in p.rows]
        second = log.reader(about, first.memory())
        got += [row for p in in_parts(second, numbered[cut:]) for row in p.rows]
        assert got == whole, cut


@pytest.fixture
def desk(tmp_path: Path):
    log, state = SqliteLog(tmp_path / "log", lambda: NOW), State(tmp_path / "state.db")

    def bring(path: Path, **settings: object) -> dict:
        request = ImportRequest(path, "events", source="web", format="access_log", settings=settings)
        return run_import(request, log, state, now_us=NOW, rejected_dir=tmp_path / "rejected").as_dict()

    yield bring, log
    log.close()
    state.close()


def test_a_log_is_imported_as_any_file_packed_and_a_second_time_for_nothing(desk, tmp_path):
    bring, log = desk
    path = tmp_path / "access.log.gz"
    path.write_bytes(gzip.compress("\n".join([line(), line(), "broken", line("/x.css")]).encode()))
    got = bring(path)
    assert [got[n] for n in ("read", "accepted", "duplicate", "rejected", "left_out")] == [3, 2, 0, 1, 1]
    again = bring(path)
    assert [again[n] for n in ("read", "accepted", "duplicate", "rejected")] == [3, 0, 2, 1]
    plan = plan_import(ImportRequest(path, "events", format="access_log"), now_us=NOW)
    assert (plan["accepted"], plan["refused"][0]["row"]) == (2, 3)
    event = log.read(0, 10)[0].event
    assert (event.kind, event.happened_us) == ("page", NOW - 26 * 60 * MINUTE)
    assert [i.type for i in event.ids] == ["anonymous_id"]


def test_a_file_of_nothing_but_broken_lines_is_counted_and_not_a_crash(desk, tmp_path):
    path = tmp_path / "a.log"
    path.write_text("one\ntwo\n", encoding="utf-8")
    got = desk[0](path)
    assert (got["read"], got["accepted"], got["rejected"]) == (2, 0, 2)
    with pytest.raises(InvalidInput):
        desk[0](path, pattern="nonsense")
    with pytest.raises(NotFound):
        desk[0](tmp_path / "absent.log")
