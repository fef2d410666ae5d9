"""Whatever JSON can hold, for properties over random payloads."""

from hypothesis import strategies as st


def leaves(text: st.SearchStrategy[str]) -> st.SearchStrategy:
    """What holds nothing else, with texts of this kind."""
    return (
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**64 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | text
    )


def values(text: st.SearchStrategy[str], most: int) -> st.SearchStrategy:
    """Leaves, lists and objects, so many leaves at most."""
    return st.recursive(
        leaves(text), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
        max_leaves=most,
    )  # fmt: skip
