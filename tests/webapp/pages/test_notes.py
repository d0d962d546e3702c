"""The pages 备注 and 提到我的."""

from tests.engine.test_way_of_a_case import apply_for_everything
from tests.stage import Stage
from tests.webapp.pages.conftest import As


def test_a_note_is_written_read_and_taken_back(stage: Stage, visit: As) -> None:
    no = apply_for_everything(stage)
    li = visit("xiaoli").open(f"/cases/{no}").follow("备注")
    assert li.says("还没有备注")
    li.press("保存备注", text="@小王 请看")
    assert li.status == 422 and li.says("没有可以查看本办件的同事“小王”", "@小王 请看")
    li.press("保存备注", text="@小赵 请核对<b>银行卡</b>")
    assert li.says("备注已保存", "请核对<b>银行卡</b>")
    mate = visit("xiaozhao").open("/tasks").follow("提到我的")
    assert mate.says("未读", "请核对", "张建国")
    mate.press(f"查看办件 {no}")
    assert mate.path.endswith("/notes") and mate.says("请核对") and not mate.says("提到您")
    assert not mate.open("/mentions").says("未读")
    (button,) = [" ".join(one.text_content().split()) for one in li.page.xpath("//ol//button")]
    assert li.press(button).says("备注已撤回", "已撤回") and not li.says("请核对")
    assert mate.open(f"/cases/{no}?tab=notes").says("已撤回")
    assert visit("aming").open(f"/cases/{no}/notes").status == 403
    assert visit("laowang").open(f"/cases/{no}/notes").status == 404
