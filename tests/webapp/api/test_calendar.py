"""The working days of a year."""

from tests.webapp.api.conftest import As


def test_a_published_year_has_its_make_up_days(signed_in: As) -> None:
    year = signed_in("aming").get("calendar", year=2026).json

    assert year["published"]
    assert "2026年" in year["title"] and year["source"].startswith("https://www.gov.cn/")
    assert len(year["working_days"]) == 248
    assert "2026-02-14" in year["working_days"]  # a Saturday made up for the Spring Festival
    assert "2026-10-01" not in year["working_days"]


def test_a_year_without_its_notice_says_so(signed_in: As) -> None:
    year = signed_in("aming").get("calendar", year=2199, region="jilin").json

    assert not year["published"]
    assert (year["title"], year["source"]) == ("", "")
    assert year["working_days"][0] == "2199-01-02"
    assert year["working_days"][-1] == "2199-12-31"


def test_a_wrong_year_is_named(signed_in: As) -> None:
    for wrong in ("1", "99999999999999999999", "x", ""):
        answer = signed_in("aming").get("calendar", year=wrong)
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["year"])
    assert signed_in("aming").get("calendar", year=2026, region="none").status_code == 404
