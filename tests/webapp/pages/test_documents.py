"""Official documents on pages: listed, read, printed and saved by those they are for."""

import io

from docx import Document as Word

from tests.engine.test_way_of_a_case import approved, put_on_record
from tests.stage import RETIREE, Stage
from tests.webapp.pages.conftest import As


def test_a_clerk_reads_prints_and_saves_a_document(stage: Stage, visit: As) -> None:
    no = approved(stage)
    li = visit("xiaoli").open(f"/cases/{no}?tab=documents")
    assert li.says("企业职工退休审批表", "吉退审字〔2027〕00001号", "打印", "下载")
    li.follow("企业职工退休审批表")
    assert li.says("220199196611200016", "同意自2027年5月20日起退休", "下载原件")
    assert not li.page.xpath("//article//@style | //article//script | //article//@href")
    saved = li.client.get(f"{li.path}/save")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert Word(io.BytesIO(saved.data)).tables
    li.open(f"/cases/{no}?tab=history")
    assert li.says("查看《企业职工退休审批表》", "下载《企业职工退休审批表》")


def test_an_employer_finds_its_documents_and_no_others(stage: Stage, visit: As) -> None:
    no = approved(stage)
    ming = visit("aming").open(f"/my/cases/{no}")
    assert ming.says("文书", "退休核准及权益告知书", "申请受理回执")
    ming.follow("退休核准及权益告知书")
    assert ming.says("六十日内依法申请行政复议")
    assert visit("rival").open(ming.path).status == 404
    assert visit("laowang").open(f"{ming.path}/save").status == 404
    assert visit().open(ming.path).says("登录")


def test_the_guide_of_a_region_is_shown_and_printed(visit: As, stage: Stage) -> None:
    ming = visit("aming").open("/start/jilin/joint_case/").follow("打印退休“一件事”经办指南")
    assert ming.says("一、依据", "吉人社联〔2024〕56号", "养老保险待遇申领", "0430-5551201")
    saved = ming.client.get(f"{ming.path}?save=1")
    assert Word(io.BytesIO(saved.data)).tables
    assert visit("aming").open("/papers/jilin/rights").status == 404
    assert stage


def test_a_form_is_printed_blank_and_filled_in(stage: Stage, visit: As) -> None:
    put_on_record(stage)
    ming = visit("aming").open("/start/jilin/joint_case/").follow("开始申请").follow("打印空白表")
    assert ming.says("空白表，供手工填写", "姓名", "填表人（签名）") and not ming.says("—")
    stage.start("joint_case", stage.ming, {k: RETIREE[k] for k in ("name", "id_no")})
    ming.open(f"/tasks/{stage.tasks()['choose_items'].id}").follow("打印本表")
    assert ming.says("2027-05-20", "□ 封存并提取", "□ 只封存")
    assert ming.open("/papers/jilin/forms/nothing").status == 404
    assert visit("rival").open(f"/tasks/{stage.tasks()['choose_items'].id}/paper").status == 404
