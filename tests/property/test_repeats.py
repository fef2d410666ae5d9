"""A pattern is refused when, and only when, a repeat that varies stands inside a repeat: patterns built to be known."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from homing.collect.definitions.repeats import nests_repeats

# text, whether a repeat stands inside another, whether it holds a repeat that varies
Built = tuple[str, bool, bool]
SINGLE = (
    "a",
    "7",
    r"\d",
    r"\(",
    r"\+",
    r"\\",
    "[ab]",
    "[)+]",
    "[]*]",
    r"[^\]+]",
    r"\N{PLUS SIGN}",
    "a{",
    "a{}",
    "(?#(a+*)a",
)
ONCE = ("?", "??", "{1}", "{0,1}", "{,1}")
FIXED = ("{2}", "{3,3}")
VARIES = ("*", "+", "{2,}", "{,3}", "{2,5}", "{,}", "*?", "+?", "{1,4}?")
KEEPS = ("*+", "++", "{1,3}+")  # possessive: what was taken is not given back
GROUPS = ("(", "(?:", "(?=", "(?!", "(?>", "(?i:", "(?s-i:")


def _joined(parts: list[Built], sign: str) -> Built:
    return sign.join(p[0] for p in parts), any(p[1] for p in parts), any(p[2] for p in parts)


def _grouped(inside: Built, opening: str) -> Built:
    return f"{opening}{inside[0]})", inside[1], inside[2]


def _repeated(one: Built, sign: str) -> Built:
    text, nested, varies = one
    if sign in ONCE or sign in KEEPS:
        return text + sign, nested, varies
    return text + sign, nested or varies, varies or sign in VARIES


def _of(inside: st.SearchStrategy[Built]) -> st.SearchStrategy[Built]:
    group = st.builds(_grouped, inside, st.sampled_from(GROUPS))
    return st.one_of(
        st.builds(_joined, st.lists(inside, min_size=1, max_size=3), st.sampled_from(["", "|"])),
        group,
        st.builds(_repeated, group, st.sampled_from(ONCE + FIXED + VARIES + KEEPS)),
    )


_single = st.sampled_from(SINGLE).map(lambda text: (text, False, False))
_plain = st.one_of(
    _single,
    st.builds(_repeated, st.sampled_from(["a", r"\d", "[)+]"]).map(lambda t: (t, False, False)),
              st.sampled_from(ONCE + FIXED + VARIES + KEEPS)),
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.recursive(_plain, _of, max_leaves=12))
def test_a_repeat_inside_a_repeat_is_found_wherever_it_stands(built):
    text, nested, _ = built
    re.compile(text)
    assert nests_repeats(text) == nested
    assert nests_repeats(f"(?x) {text} # (a+)+") == nested
    assert nests_repeats(f"(?P<whole>{text})+") == (nested or built[2])


def test_spaces_and_comments_count_only_where_they_mean_something():
    assert nests_repeats("(?x)( a + # one )\n ) *")
    assert nests_repeats("(?x:(a+) +)")
    assert not nests_repeats("(a+) +")  # the second repeats a space
    assert not nests_repeats("(?x:(?-x:(a+) +))")
    assert nests_repeats("(a)(?(1)b+|c)+")
