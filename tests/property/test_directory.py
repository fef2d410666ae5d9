"""A large list says what a small one says: the index and the warehouse propose, and the state decides."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homing.core.time import DAY
from homing.profile import Directory, Wanted
from homing.profile.listing import SORTS
from homing.runtime.searchable import Searchable
from homing.storage.patience import for_so_long
from homing.storage.schema import customer_tag, segment_member
from homing.storage.search import Entry, SearchIndex, grams_of, laid_out
from people_world import START, World

NAMES = ["Ann Lee", "Anna Leeds", "bob", "王芳", "王小芳", "李芳芳", "Zoë Ång", "lee", 'O\'Neil "x"', "Ann Lee"]
TEXTS = ["ann", "an", "a", "lee", "ee a", "王", "芳", "王芳", "小芳", "p3@", "shop", "Zoë", "o'neil", '"x"', "+4930",
         "none", "card-4", "  ANN   lee ", "%", "_"]  # fmt: skip


@pytest.fixture(scope="module")
def town() -> Iterator[tuple[World, SearchIndex]]:
    """Ten named people, some of them members and tagged, a cookie nobody knows and one that was merged."""
    folder = Path(tempfile.mkdtemp())
    world, index = World(folder), SearchIndex(folder / "search.db")
    ids = []
    for n, name in enumerate(NAMES):
        who = ("member_card", f"card-{n}")
        ids.append(world.identify([who], START, name=name, email=f"p{n}@shop.example", phone=f"+4930{n}0000"))
        for k in range(n % 4):
            world.track("Order Completed", [who], START + (n + k) * DAY, revenue=10 * (n + 1))
    world.track("Product Viewed", [("anonymous_id", "cookie-a")], START + DAY)
    world.track("Product Viewed", [("anonymous_id", "cookie-b")], START)
    world.track("Signed In", [("anonymous_id", "cookie-b"), ("member_card", "card-1")], START)
    world.flush()
    with world.state.write() as conn:
        conn.execute(
            segment_member.insert(), [{"segment_id": "vip", "customer_id": i, "since_us": 1} for i in ids[::2]]
        )
        row = {"value": True, "given_us": 1, "how": "manual", "given_by": "", "ref": "", "batch": "", "version": 1,
               "log_offset": 1, "tag_id": "new"}  # fmt: skip
        conn.execute(customer_tag.insert(), [row | {"customer_id": i, "lapsed": i == ids[3]} for i in ids[2:5]])
    Searchable(world.state, index).catch_up()
    yield world, index
    index.close()
    world.close()
    shutil.rmtree(folder, ignore_errors=True)


wanteds = st.builds(
    Wanted,
    search=st.sampled_from(["", "", *TEXTS]),
    segment=st.sampled_from([None, "vip"]),
    tag=st.sampled_from([None, None, "new"]),
    stage=st.sampled_from([None, "buyer", "unaware", "nonsense"]),
    sort=st.sampled_from([*SORTS, *(f"-{s}" for s in SORTS)]),
    names_only=st.booleans(),
)


@settings(max_examples=150)
@given(wanted=wanteds, few=st.sampled_from([0, 2, 5]), limit=st.sampled_from([1, 3, 20]))
def test_the_large_list_has_the_rows_and_the_order_of_the_small_one(town, wanted: Wanted, few: int, limit: int):
    world, index = town
    plain, large = Directory(index, world.warehouse), Directory(index, world.warehouse, few=few)
    with world.state.read() as conn:
        told = plain.page(conn, wanted, limit=50)
        pages, after = [], None
        while True:
            page = large.page(conn, wanted, after=after, limit=limit)
            pages += page.rows
            if page.exact:
                assert page.total == told.total
            if page.next is None:
                break
            after = page.next
        assert large.count(conn, wanted)[0] == told.total or not large.count(conn, wanted)[1]
    assert [row.customer_id for row in pages] == [row.customer_id for row in told.rows]


def test_names_alone_never_show_by_whom_an_address_is_held(town):
    world, index = town
    with world.state.read() as conn:
        for few in (0, 5, 100):
            directory = Directory(index, world.warehouse, few=few)
            for text in ("p3@", "shop.example", "+4930", "card-4"):
                assert directory.page(conn, Wanted(text, names_only=True)).rows == []


@given(st.text(alphabet="ab 王芳é", min_size=1, max_size=12), st.text(alphabet="ab 王芳é", min_size=1, max_size=4))
def test_whatever_holds_a_text_has_its_threes(whole: str, part: str):
    if part.strip() and " ".join(part.split()) in " ".join(whole.split()):
        wide = any(c in "王芳" for c in part)
        if wide or len(" ".join(part.split())) >= 3:
            assert all(gram in laid_out(whole) for gram in grams_of(part))


def test_a_customer_who_is_called_otherwise_is_found_by_the_new_name_alone(tmp_path: Path):
    world, index = World(tmp_path, warehouse=False), SearchIndex(tmp_path / "search.db")
    follower = Searchable(world.state, index)
    who = ("member_card", "1")
    ann = world.identify([who], START, name="Annabel")
    world.flush()
    assert follower.step() == 1
    assert index.find("nnabe", most=5).ids == (ann,)
    world.track("Product Viewed", [who], START)
    world.identify([who], START + DAY, name="Zacharias")
    world.flush()
    follower.catch_up()
    assert (index.find("nnabe", most=5).ids, index.find("zach", most=5).ids) == ((), (ann,))
    mark = index.mark()
    assert follower.step() == 0
    assert index.mark() == mark == world.offset
    index.close()
    world.close()


def test_common_threes_that_never_stand_in_that_order_cost_no_more_than_the_time_given(tmp_path: Path):
    index = SearchIndex(tmp_path / "search.db")
    called = [f"ann smith ann.{n}@shop.example +4930{n:08d}" for n in range(20_000)]
    index.put([Entry(f"c{n}", text) for n, text in enumerate(called)], mark=1)
    every = index.find("smith +49", most=100, seconds=60)
    assert (every.ids, every.few, every.whole) == ((), True, True)
    hasty = index.find("smith +49", most=100, seconds=0)
    assert (hasty.ids, hasty.few, hasty.whole) == ((), True, False)
    many = index.find("n.1", most=100)
    held = [f"c{n}" for n, text in enumerate(called) if "n.1" in text]
    assert (many.ids, many.few) == (tuple(held[:101]), False)
    assert index.find("ann.777@", most=100).ids == ("c777",)
    index.close()


def test_a_question_that_takes_too_long_ends_and_the_next_is_answered(town):
    world, _ = town
    forever = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    with world.state.read() as conn:
        with for_so_long(conn, 0.05) as asked:
            conn.exec_driver_sql(forever).all()
        assert not asked.in_time
        with for_so_long(conn, 5) as again:
            assert conn.exec_driver_sql("SELECT 7").scalar() == 7
        assert again.in_time
