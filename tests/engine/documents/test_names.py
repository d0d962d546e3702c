"""What templates may say: dates, amounts and spans as official papers write them."""

import pytest

from engine.documents.names import capital, date_cn, lines, masked, month_cn, years_months, yuan


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (100, "壹元整"),
        (101, "壹元零壹分"),
        (1_000, "壹拾元整"),
        (123_450, "壹仟贰佰叁拾肆元伍角整"),
        (100_500, "壹仟零伍元整"),
        (12_346_912, "壹拾贰万叁仟肆佰陆拾玖元壹角贰分"),
        (10_000_100, "壹拾万零壹元整"),
        (10_100_000, "壹拾万壹仟元整"),
        (100_000_000, "壹佰万元整"),
        (10_000_000_000, "壹亿元整"),
        (10_000_000_100, "壹亿零壹元整"),
        (10_005_000_000, "壹亿零伍万元整"),
        (-100, "负壹元整"),
        (None, ""),
    ],
)
def test_amounts_in_capitals(fen: int | None, said: str) -> None:
    assert capital(fen) == said


def test_dates_and_spans() -> None:
    assert date_cn("2027-05-20") == "2027年5月20日"
    assert date_cn("2027-04-20T23:30:00+00:00") == "2027年4月21日"  # in China
    assert date_cn(None) == date_cn("") == ""
    assert month_cn("2027-06") == month_cn("2027-06-15") == "2027年6月"
    assert [years_months(n) for n in (0, 5, 60, 63, None)] == [
        "0个月",
        "5个月",
        "5年",
        "5年3个月",
        "",
    ]
    assert yuan(123_450) == "1,234.50 元" and yuan(None) == ""
    assert masked("220199196611200016") == "220199********0016" and masked(None) == ""
    assert lines("一\n\n 二 ") == ["一", "二"] and lines(["甲", ""]) == ["甲"] and lines(None) == []
