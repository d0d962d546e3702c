"""Our own scripts in a real browser: diagram, shortcuts, forms that are sent once or not yet."""

import re
import time
from collections.abc import Callable

import pytest
from flask import Flask, Response, render_template_string, request
from playwright.sync_api import Dialog, Page, expect

from webapp.assets import register_assets

PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>试验页</title><link rel="icon" href="data:,">
{{ asset_tags("app") }}{{ asset_tags("diagram") }}</head>
<body><main class="app-main"><h1>试验页</h1>
<a href="/elsewhere" data-shortcut="g w">待办</a>
<button type="button" data-shortcuts-help>键盘</button>
<label>查找 <input name="q" data-shortcut="/"></label>
<form method="post" action="/submit" data-guard><label>姓名 <input name="name" class="form-control">
</label><button name="go" value="yes" class="btn btn-primary">提交</button></form>
<div data-diagram data-url="/flow.bpmn" aria-label="流程图：试验">
<script type="application/json">{"done": ["receive"], "current": ["review"], "failed": ["absent"]}
</script></div></main></body></html>"""

FLOW = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
 xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" id="d" targetNamespace="urn:test">
<process id="p" isExecutable="true">
<userTask id="receive" name="受理"/><userTask id="review" name="审核"/>
<sequenceFlow id="on" sourceRef="receive" targetRef="review"/></process>
<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="plane" bpmnElement="p">
<bpmndi:BPMNShape id="s1" bpmnElement="receive">
<dc:Bounds x="100" y="100" width="100" height="80"/></bpmndi:BPMNShape>
<bpmndi:BPMNShape id="s2" bpmnElement="review">
<dc:Bounds x="280" y="100" width="100" height="80"/></bpmndi:BPMNShape>
<bpmndi:BPMNEdge id="e" bpmnElement="on">
<di:waypoint x="200" y="140"/><di:waypoint x="280" y="140"/></bpmndi:BPMNEdge>
</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>"""


@pytest.fixture
def received() -> list[dict[str, str]]:
    return []


@pytest.fixture
def address(serve: Callable[[Flask], str], received: list[dict[str, str]]) -> str:
    app = Flask("webapp")
    register_assets(app)

    @app.get("/")
    def page() -> Response:
        response = Response(render_template_string(PAGE))
        response.headers["Content-Security-Policy"] = (
            "default-src 'self'; img-src 'self' data:; font-src 'self' data:;"
            " style-src 'self' 'unsafe-inline'"
        )
        return response

    @app.get("/elsewhere")
    def elsewhere() -> str:
        return "<!doctype html><title>待办</title><h1>待办</h1>"

    @app.get("/flow.bpmn")
    def flow() -> Response:
        return Response(FLOW, mimetype="application/xml")

    @app.post("/submit")
    def submit() -> str:
        received.append(request.form.to_dict())
        time.sleep(0.5)
        return "<!doctype html><title>已收到</title><h1>已收到</h1>"

    return serve(app)


def test_the_diagram_says_in_words_what_is_done_and_what_is_current(
    page: Page, address: str, accessible: Callable[[Page], None]
) -> None:
    page.goto(address)
    diagram = page.locator("[data-diagram][data-drawn]")
    expect(diagram.locator(".diagram-badge")).to_have_text(["已办", "当前"])
    expect(diagram.locator("[data-element-id=receive]").first).to_have_class(re.compile("is-done"))
    expect(diagram.locator("[data-element-id=review]").first).to_have_class(
        re.compile("is-current")
    )
    expect(diagram.locator(".bjs-powered-by")).to_be_visible()
    accessible(page)


def test_the_diagram_can_be_zoomed_and_leaves_its_mark_uncovered(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("[data-drawn]").wait_for()
    view = page.locator("[data-diagram] .viewport")
    fitted = view.get_attribute("transform")
    page.get_by_role("button", name="放大").click()
    expect(view).not_to_have_attribute("transform", fitted or "")
    page.get_by_role("button", name="适合窗口").click()
    expect(view).to_have_attribute("transform", fitted or "")
    covered = page.evaluate(
        """() => {
          const mark = document.querySelector('.bjs-powered-by');
          mark.scrollIntoView();
          const { x, y, width, height } = mark.getBoundingClientRect();
          return !mark.contains(document.elementFromPoint(x + width / 2, y + height / 2));
        }"""
    )
    assert covered is False


def test_a_diagram_that_cannot_be_fetched_says_so(
    page: Page, address: str, expected_errors: list[str]
) -> None:
    expected_errors.append("500")
    page.route("**/flow.bpmn", lambda route: route.fulfill(status=500))
    page.goto(address)
    expect(page.get_by_role("alert")).to_contain_text("流程图暂时无法显示")


def test_two_keys_lead_to_a_place_but_not_while_typing(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("查找").fill("")
    page.keyboard.type("gw")
    expect(page.get_by_role("heading", name="试验页")).to_be_visible()
    page.get_by_label("查找").blur()
    page.keyboard.type("gw")
    expect(page.get_by_role("heading", name="待办")).to_be_visible()


def test_a_question_mark_lists_the_keys_and_they_can_be_switched_off(
    page: Page, address: str, accessible: Callable[[Page], None]
) -> None:
    page.goto(address)
    page.locator("[data-drawn]").wait_for()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="键盘快捷键")
    expect(dialog.get_by_role("row", name="g w 待办")).to_be_visible()
    accessible(page)
    dialog.get_by_label("启用快捷键").uncheck()
    dialog.get_by_role("button", name="关闭").click()
    page.keyboard.type("gw?")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("heading", name="试验页")).to_be_visible()
    page.get_by_role("button", name="键盘").click()
    expect(dialog).to_be_visible()


def test_a_form_pressed_twice_is_sent_once_with_its_button(
    page: Page, address: str, received: list[dict[str, str]]
) -> None:
    page.goto(address)
    page.get_by_label("姓名").fill("张三")
    page.evaluate("() => { const b = document.querySelector('[name=go]'); b.click(); b.click(); }")
    expect(page.get_by_role("heading", name="已收到")).to_be_visible()
    assert received == [{"name": "张三", "go": "yes"}]


def test_leaving_with_unsent_answers_asks_first_and_sending_does_not(
    page: Page, address: str
) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.goto(address)
    page.get_by_label("姓名").press_sequentially("张")
    page.evaluate("() => { location.href = '/elsewhere' }")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("heading", name="已收到")).to_be_visible()
    assert asked == ["beforeunload"]
