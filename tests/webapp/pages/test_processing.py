"""个人信息处理登记, for those who administer the region."""

from tests.stage import Stage
from tests.webapp.pages.conftest import As


def test_an_administrator_reads_which_data_go_where_and_for_how_long(visit: As) -> None:
    page = visit("xiaoli").follow("个人信息登记")
    assert page.headline == "吉林省个人信息处理登记"
    assert page.says("身份证号", "银行账号", "50 年", "10 年")
    assert page.says("示范市公安局户政大厅", "户籍信息核验", "JLG-051")
    assert page.says("个人信息保护法第十九条")


def test_only_administrators_of_the_region_see_it(stage: Stage, visit: As) -> None:
    assert visit("aming").open("/admin/processing/jilin").status == 403
    stage.account("jbg", "经办", "staff", roles=["si_clerk"])
    assert visit("jbg").open("/admin/processing/jilin").status == 403
    wang = visit("laowang")
    assert wang.open("/admin/processing/jilin").status == 404
    assert wang.open("/admin/processing").status == 404
