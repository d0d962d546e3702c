"""JSON as strangers write it: any kind of value, and those that have broken programs before."""

from hypothesis import strategies as st

NAUGHTY = (
    *("", " ", "\0", "\r\n", "\ud83d", "\u202e", "﷽", "é" * 3, "９９", "-0", "1e999", "NaN"),
    *("null", "true", "[]", "../../etc/passwd", "=1+1", "@SUM(1)", "<script>", "{{ 7*7 }}"),
    *("2027-02-30", "2027-05-20", "0001-01-01", "9999-12-31", "10000-01-01", "2027-05-20T09:00"),
    *("220199196611200016", "22019919661120001x", "6222020000000000018", "13900000001"),
    *("1" * 400, "字" * 3000, "a.b.c", "__proto__", "__class__", "' or 1=1 --", "%s%n", "${1}"),
)
NUMBERS = (0, -1, 1, 2**31, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**400, 0.1, -0.0, 1e308)

texts = st.sampled_from(NAUGHTY) | st.text(max_size=40)
plain = (
    st.none() | st.booleans() | st.integers() | st.sampled_from(NUMBERS) | texts
    | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
anything = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
