"""长辈版: a switch on every page of applicants and strangers, remembered, without scripts."""

import pytest

from tests.webapp.pages.conftest import As
from tests.webapp.pages.visitor import Visitor


def mode(visitor: Visitor) -> str | None:
    return visitor.page.get("data-mode")


def test_a_stranger_switches_and_stays_where_he_was(visit: As) -> None:
    stranger = visit().open("/retirement-age?year=1972&month=9&of=60")
    assert mode(stranger) is None
    stranger.press("长辈版")
    assert mode(stranger) == "elder" and stranger.says("2034 年 9 月")
    assert mode(stranger.open("/guide/jilin")) == "elder"
    assert mode(stranger.press("普通版")) is None


def test_it_is_remembered_beyond_signing_in_and_out(visit: As) -> None:
    visitor = visit("aming").open("/my/").press("长辈版")
    assert mode(visitor) == "elder" and visitor.headline == "企业办事"
    visitor.press("退出")
    assert mode(visitor) == "elder"


def test_errors_are_shown_in_large_print_too(visit: As) -> None:
    visitor = visit().open("/sign-in").press("长辈版")
    assert mode(visitor.open("/apply/nowhere/nothing")) == "elder" and visitor.status == 404


def test_clerks_have_no_switch_and_are_not_changed_by_it(visit: As) -> None:
    visitor = visit("aming").open("/my/").press("长辈版")
    visitor.press("退出").press("登录", login="xiaoli", password="long enough a password")
    assert mode(visitor) is None and not visitor.says("长辈版")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil"])
def test_the_switch_leads_nowhere_else(visit: As, elsewhere: str) -> None:
    stranger = visit().open("/sign-in")
    path, pairs = stranger.post_of("长辈版")
    pairs["next"] = elsewhere
    answer = stranger.client.post(path, data=pairs)
    assert answer.location == "/"
