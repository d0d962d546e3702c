"""Forms in a browser: shown, posted, shown again with errors, printed. No scripts needed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string, request
from flask.testing import FlaskClient
from flask_wtf import CSRFProtect
from lxml import html
from werkzeug.datastructures import MultiDict

import webapp
from engine.errors import Invalid
from engine.forms import Form, clean, prefill
from tests.engine.forms.examples import CARD, DATA, FORM, ID_NO, USCC, as_person, good
from webapp.forms import Posted, form_page, read_post

PAGE = """<!doctype html><html lang="zh-CN"><title>表单</title><main>
{% import "forms/fields.html" as forms %}{{ forms.form(page, hidden={"revision": 7}) }}</main>"""
PRINT = """<!doctype html>{% import "forms/printed.html" as forms %}{{ forms.printed(page) }}"""


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    """A small application with one form, wired as the product wires its pages."""
    app = Flask(__name__, template_folder=str(Path(webapp.__file__).parent / "templates"))
    app.config.update(SECRET_KEY="for tests only", WTF_CSRF_ENABLED=True)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    CSRFProtect(app)

    @app.route("/form", methods=["GET", "POST"])
    def form() -> tuple[str, int]:
        if request.method == "GET":
            answers, errors, status = prefill(FORM, DATA), {}, 200
        else:
            posted = read_post(FORM, request.form, DATA)
            answers, errors, status = posted.answers, {}, 200
            if posted.action == "submit":
                try:
                    clean(FORM, answers, DATA)
                    return f"办结 {request.form['revision']}", 200
                except Invalid as refused:
                    errors, status = refused.errors, 422
        page = form_page(FORM, answers, url="/form", errors=errors, sources={"case": "办件"})
        return render_template_string(PAGE, page=page), status

    @app.route("/print")
    def printed() -> str:
        return render_template_string(PRINT, page=form_page(FORM, as_person()))

    yield app.test_client()


class Browser:
    """A browser without scripts: fills in what it was shown and presses buttons."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.show(client.get("/form").text)

    def show(self, text: str) -> None:
        self.text = text
        self.page = html.fromstring(text)

    def fill(self, **answers: str) -> None:
        form = self.page.forms[0]
        for name, value in answers.items():
            form.fields[name.replace("__", ".")] = value

    def tick(self, id_: str) -> None:
        self.page.get_element_by_id(id_).set("checked", "checked")

    def press(self, action: str) -> int:
        assert self.page.xpath("//button[@name='_action' and @value=$action]", action=action)
        pairs = [*self.page.forms[0].form_values(), ("_action", action)]
        answer = self.client.post("/form", data=MultiDict(pairs))
        self.show(answer.text)
        return answer.status_code

    def messages(self) -> list[str]:
        return [item.text_content() for item in self.page.xpath("//*[@id='error-summary']//li")]

    def has(self, id_: str) -> bool:
        return bool(self.page.xpath("//*[@id=$id_]", id_=id_))


@pytest.fixture
def browser(client: FlaskClient) -> Browser:
    return Browser(client)


def test_a_form_is_filled_in_and_sent_without_scripts(browser: Browser) -> None:
    assert not browser.has("f-unit")
    browser.fill(kind="unit")
    assert browser.press("refresh") == 200
    assert browser.messages() == []
    browser.fill(unit="测试机械厂", uscc=USCC, people__0__name="测试甲", people__0__id_no=ID_NO)
    browser.tick("f-promise")
    assert browser.press("submit") == 200
    assert browser.text == "办结 7"


def test_errors_are_listed_in_order_and_lead_to_their_fields(browser: Browser) -> None:
    browser.fill(kind="unit", mobile="123", months="一百", amount="abc")
    browser.press("refresh")
    assert browser.press("submit") == 422
    assert browser.messages() == [
        "请填写单位名称",
        "请填写统一社会信用代码",
        "手机号码应为 11 位，以 1 开头",
        "缴费月数应为整数",
        "补缴金额应为金额（元），最多两位小数",
        "人员第 1 项：请填写姓名",
        "人员第 1 项：请填写公民身份号码",
        "须勾选“本人承诺真实有效”",
    ]
    links = browser.page.xpath("//*[@id='error-summary']//a/@href")
    assert len(links) == 8
    assert all(browser.has(link.removeprefix("#")) for link in links)
    wrong = browser.page.get_element_by_id("f-mobile")
    assert (wrong.get("value"), wrong.get("aria-invalid")) == ("123", "true")
    described = browser.page.get_element_by_id("f-mobile-error")
    assert "f-mobile-error" in wrong.get("aria-describedby").split()
    assert "手机号码应为 11 位" in described.text_content()


def test_what_was_typed_wrongly_is_shown_again_and_not_lost(browser: Browser) -> None:
    browser.fill(months="一百", amount="1.234", retire_date="明年五月", remark="甲\n乙 <b>")
    browser.press("submit")
    ids = ("f-months", "f-amount", "f-retire_date")
    shown = [browser.page.get_element_by_id(id_) for id_ in ids]
    assert [field.get("value") for field in shown] == ["一百", "1.234", "明年五月"]
    assert shown[2].get("type") == "text"
    assert browser.page.get_element_by_id("f-remark").text == "\n甲\n乙 <b>"


def test_rows_are_added_and_removed_with_what_was_typed_kept(browser: Browser) -> None:
    browser.fill(people__0__name="第一人")
    browser.press("add:people")
    browser.fill(people__1__name="第二人")
    browser.press("add:people")
    assert browser.has("f-people-2-name")
    assert not browser.page.xpath("//button[@value='add:people']")  # three is the most
    browser.press("remove:people:0")
    assert browser.page.get_element_by_id("f-people-0-name").get("value") == "第二人"
    assert not browser.has("f-people-2-name")


def test_a_row_without_any_answer_does_not_vanish(browser: Browser) -> None:
    browser.press("add:people")
    browser.press("refresh")
    assert browser.has("f-people-1-name")


def test_a_page_is_sound_html_with_unique_ids_and_labels_that_lead_somewhere(
    browser: Browser,
) -> None:
    browser.fill(kind="person")
    browser.press("refresh")
    browser.press("submit")
    ids = browser.page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(browser.page.xpath("//label/@for")) <= set(ids)
    for described in browser.page.xpath("//@aria-describedby"):
        assert set(described.split()) <= set(ids)
    for entry in browser.page.xpath("//form//*[self::input or self::select or self::textarea]"):
        if entry.get("type") != "hidden":
            labels = entry.xpath("ancestor::label | //label[@for=$id_]", id_=entry.get("id"))
            assert labels, entry.get("name")
    for fieldset in browser.page.xpath("//fieldset"):
        assert fieldset.xpath("./legend")


def test_scripts_only_post_the_same_form_again(browser: Browser) -> None:
    browser.fill(kind="unit")
    browser.press("refresh")
    posting = browser.page.xpath("//*[@hx-post]")
    names = {field.get("name") for field in posting if field.tag == "input"}
    assert names == {"kind", "deputy", "people.0.abroad"}
    for field in posting:
        assert field.get("hx-post") == "/form"
        assert field.get("hx-target") == field.get("hx-select") == "#form-body"
    assert browser.page.xpath("//noscript//button[@value='refresh']")


def test_nothing_in_a_page_needs_inline_script_or_style(browser: Browser) -> None:
    browser.press("submit")
    assert not browser.page.xpath("//script | //style | //@style")
    assert not [name for name in browser.page.xpath("//@*/..") if _handlers(name)]


def _handlers(element: Any) -> list[str]:
    return [name for name in element.attrib if name.startswith("on")]


@pytest.mark.parametrize(
    "hostile",
    [
        '"><script>alert(1)</script>',
        "</textarea><script>alert(1)</script>",
        "' onfocus='alert(1)",
        "{{ 7 * 7 }}",
    ],
)
def test_hostile_values_are_shown_as_text(browser: Browser, hostile: str) -> None:
    browser.fill(kind="unit")
    browser.press("refresh")
    browser.fill(unit=hostile, remark=hostile, months=hostile, people__0__name=hostile)
    browser.press("submit")
    assert not browser.page.xpath("//script")
    assert not [entry for entry in browser.page.iter("input", "textarea") if _handlers(entry)]
    assert browser.page.get_element_by_id("f-unit").get("value") == hostile
    assert browser.page.get_element_by_id("f-remark").text.strip() == hostile
    assert "49" not in browser.page.get_element_by_id("f-months").get("value")


def test_facts_are_shown_with_their_source_and_cannot_be_sent(browser: Browser) -> None:
    fact = browser.page.get_element_by_id("f-case_no").text_content()
    assert "JL202611200001" in fact
    assert "取自办件" in fact
    assert not browser.page.xpath("//*[@name='case_no']")
    mobile = browser.page.get_element_by_id("f-mobile-source").text_content()
    assert mobile == "取自人员登记信息，可以修改"


def test_a_form_without_its_token_is_refused(client: FlaskClient) -> None:
    assert client.post("/form", data={"_action": "submit"}).status_code == 400


def test_yes_or_no_can_be_left_unanswered_and_a_tick_cannot(browser: Browser) -> None:
    answers = read_post(FORM, MultiDict([("kind", "unit")]), DATA).answers
    assert "deputy" not in answers
    posted = dict(browser.page.forms[0].form_values())
    assert posted["promise"] == "false"


def test_two_columns_where_the_form_asks_for_them(browser: Browser) -> None:
    half = browser.page.xpath("//*[contains(@class, 'col-md-6')]//*[@id='f-mobile']")
    full = browser.page.xpath("//*[@class='col-12']//*[@id='f-remark']")
    assert len(half) == len(full) == 1


def test_a_print_reads_as_words_with_sensitive_numbers_masked(client: FlaskClient) -> None:
    text = html.fromstring(client.get("/print").text).text_content()
    assert "申请人类型个人" in "".join(text.split())
    assert "220199********0011" in text
    assert CARD not in text
    assert ID_NO not in text
    assert "测试甲" in text


@pytest.mark.parametrize(
    "action",
    ["delete", "add:", "add:ghosts", "add:kind", "add:people:0", "remove:people", "x" * 9999,
     "remove:people:99999", "add:people.0.name", "remove:people:-1"],
)  # fmt: skip
def test_a_button_that_is_none_of_ours_is_refused(action: str) -> None:
    with pytest.raises(Invalid, match="无法识别的操作"):
        read_post(FORM, MultiDict([("_action", action)]), DATA)


def test_removing_a_row_that_is_gone_changes_nothing() -> None:
    posted = read_post(
        FORM, MultiDict([("people.0.name", "甲"), ("_action", "remove:people:7")]), DATA
    )
    assert posted == Posted("refresh", {**prefill(FORM, DATA, {}), "items": [], "reasons": [],
                                        "people": [{"name": "甲"}]})  # fmt: skip


def test_a_finding_about_no_field_is_listed_without_a_link() -> None:
    page = form_page(FORM, good(), errors={"": "请核对", "role": "表单中没有“role”这一项"})
    assert page.summary == [(None, "请核对"), (None, "表单中没有“role”这一项")]


def test_a_file_that_only_some_answers_ask_for_is_sent_as_a_file_too() -> None:
    paper = {"type": "string", "title": "证明", "format": "file"}
    asks = {"properties": {"kind": {"const": "early"}}, "required": ["kind"]}
    form = Form(
        {
            "title": "申请",
            "type": "object",
            "properties": {
                "kind": {"type": "string", "title": "类型", "enum": ["normal", "early"]}
            },
            "allOf": [{"if": asks, "then": {"properties": {"proof": paper}}}],
        }
    )
    # only the fields are refreshed when an answer asks for more, not how the form is sent
    assert form_page(form, {}).takes_files
