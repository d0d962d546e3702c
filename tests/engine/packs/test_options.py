"""Forms take their choices from the offices of the region."""

from engine.packs.options import choices, references, with_options
from engine.packs.region import OfficeRule
from tests.stage import JILIN

CONFIG = JILIN.config.model_copy(
    update={
        "offices": {
            "centre": OfficeRule(title="代理中心", level="county", kind="agent notifier"),
            "bank": OfficeRule(title="银行窗口", level="counter", kind="bank"),
        }
    }
)
FIELD = {"type": "string", "title": "受理机构", "x-options": "offices.agent"}


def test_a_field_offers_the_offices_of_a_kind() -> None:
    filled = with_options({"properties": {"office": FIELD}, "allOf": [{"x": [FIELD]}]}, CONFIG)

    offered = [{"const": "centre", "title": "代理中心"}]
    plain = {"type": "string", "title": "受理机构", "oneOf": offered}
    assert filled == {"properties": {"office": plain}, "allOf": [{"x": [plain]}]}


def test_without_a_kind_all_offices_are_offered() -> None:
    assert [one["const"] for one in choices("offices", CONFIG)] == ["centre", "bank"]


def test_what_is_no_list_of_the_region_offers_nothing() -> None:
    assert list(choices("offices.absent", CONFIG)) == []
    assert list(choices("agencies", CONFIG)) == []


def test_every_reference_is_found_wherever_it_stands() -> None:
    assert list(references({"allOf": [{"then": {"properties": {"a": FIELD}}}]})) == [
        "offices.agent"
    ]
