"""Pages in English: nothing shipped stays Chinese, nothing typed is touched."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest
from apiflask import APIFlask
from lxml import html
from sqlalchemy import select

from engine.models import (
    Account,
    ApiKey,
    Attachment,
    Export,
    Incident,
    Letter,
    Person,
    Unit,
    Upload,
)
from tests.browser.sights import enliven, sights
from tests.conftest import copy_of_template
from tests.webapp.test_doors import serve
from tests.webapp.world import World, build
from webapp.translation.catalogue import CHINESE, Catalogue, catalogue, decided
from webapp.translation.page import in_english
from webapp.translation.sources import untranslated
from webapp.visitor import signed_in

#: Attributes that are read out or shown; what is sent back is none of them.
SHOWN = {"title", "aria-label", "placeholder", "alt", "label", "data-shortcut-label"}
#: What people of the world typed, and what is written so everywhere.
TYPED = (
    *(
        "送省局汇总",
        "1986 年 7 月至 1991 年 6 月连续工龄",
        "公安机关第 1 号名册",
        "结果.xlsx",
        "核查.xlsx",
    ),
    *("lanes.公积金中心", "lanes.医保局", "lanes.申请人", "lanes.社保局"),
    *(
        "关于印发《吉林省高效办成退休“一件事”工作实施方案》的通知",
        "中文",
        "休",
        "班",
        *"一二三四五六日",
    ),
)
_HOLE = re.compile(r"\{\d+\}")


@dataclass(frozen=True)
class Seen:
    """A page as it is and in English."""

    name: str
    chinese: str
    english: str


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with copy_of_template(request.getfixturevalue("postgres")) as database:
        world = build(database.engine)
        enliven(world)
        yield world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> APIFlask:
    return serve(world, tmp_path_factory)


@pytest.fixture(scope="module")
def pages(app: APIFlask, world: World) -> list[Seen]:
    """Every page there is, once in Chinese; its English is what the switch would send."""
    found = []
    for sight in sights(app, world):
        client = app.test_client()
        if sight.actor is not None:
            with client.session_transaction() as session:
                token = signed_in(app.extensions["runtime"], sight.actor)
                session["_user_id"], session["_fresh"] = token, True
        text = client.get(sight.path).text
        found.append(Seen(sight.name, text, in_english(text, catalogue())))
    return found


def names(world: World) -> set[str]:
    """What is data in this world."""
    columns = (Account.name, Person.name, Unit.name, Attachment.name, ApiKey.title, Export.title)
    more = (Incident.message, Letter.title, Upload.name)
    with world.stage.runtime.reading() as session:
        said = {text for column in (*columns, *more) for text in session.scalars(select(column))}
    return {*filter(None, said), *TYPED}


def left(page: str, data: set[str]) -> Iterator[str]:
    """Chinese on a page that is neither data nor marked as Chinese in the page itself."""
    known = re.compile("|".join(re.escape(one) for one in sorted(data, key=len, reverse=True)))
    for element in html.document_fromstring(page).iter():
        if not isinstance(element.tag, str) or element.tag in {"script", "style", "textarea"}:
            continue
        tails = [child.tail for child in element]
        for text in (element.text, *tails, *(element.get(name) for name in SHOWN)):
            if text and CHINESE.search(known.sub("", text)):
                yield " ".join(text.split())


def without_chinese_parts(page: str) -> str:
    root = html.document_fromstring(page)
    for element in root.xpath('//body//*[@lang="zh-CN" or @translate="no"]'):
        element.drop_tree()
    return html.tostring(root, encoding="unicode", doctype="<!doctype html>")


class Skeleton(HTMLParser):
    """Tags and attributes of a page, without what may differ in English."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[object] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs if name not in SHOWN | {"lang"}}
        if tag == "option":
            own.pop("value", None)
        self.parts.append((tag, own))

    def handle_decl(self, decl: str) -> None:
        self.parts.append(decl.lower())


def test_every_word_that_is_shipped_has_english_or_stays_chinese_on_purpose() -> None:
    assert untranslated() == {}


def test_what_varies_in_a_sentence_varies_in_its_english() -> None:
    for chinese, english in decided().items():
        assert sorted(set(_HOLE.findall(chinese))) == sorted(set(_HOLE.findall(english))), chinese


def test_no_page_shows_chinese_that_nobody_typed(pages: list[Seen], world: World) -> None:
    data = names(world)
    found = {
        f"{page.name}: {text}"
        for page in pages
        for text in left(in_english(without_chinese_parts(page.chinese), catalogue()), data)
    }
    assert not found, "\n".join(sorted(found))
    assert len(pages) > 50


def test_a_page_in_english_is_otherwise_the_same(pages: list[Seen]) -> None:
    for page in pages:
        assert Skeleton(page.english).parts == Skeleton(page.chinese).parts, page.name


def test_policies_and_papers_stay_chinese(pages: list[Seen]) -> None:
    marked = 0
    for page in pages:
        before, after = (html.document_fromstring(one) for one in (page.chinese, page.english))
        path = '//body//*[@lang="zh-CN" or @translate="no"]'
        for element in before.xpath(path):
            same = after.xpath(before.getroottree().getpath(element))[0]
            assert same.text_content() == element.text_content(), page.name
            marked += 1
    assert marked > 100


def test_what_people_typed_and_what_is_sent_back_is_not_translated() -> None:
    words = Catalogue({"同意": "Agree", "姓名": "Name", "退休类型": "Type"})
    page = in_english(
        "<!doctype html><html lang='zh-CN'><body><form>"
        "<label>姓名<input name=a value=同意 placeholder=姓名></label><textarea>同意</textarea>"
        "<select><option>同意</option><option value=x>同意</option></select>"
        "<button name=b value=同意>同意</button><input type=submit name=c value=同意>"
        "<p translate=no>同意</p><p>同意 &lt;script&gt;</p></form></body></html>",
        words,
    )
    assert '<html lang="en">' in page
    assert '<label>Name<input name="a" value="同意" placeholder="Name">' in page
    assert "<textarea>同意</textarea>" in page
    assert '<option value="同意">Agree</option><option value="x">Agree</option>' in page
    assert '<button name="b" value="同意">Agree</button>' in page
    assert '<input type="submit" name="c" value="同意">' in page
    assert '<p translate="no">同意</p>' in page
    assert "<script>" not in page


@pytest.mark.parametrize("typed", ["同意\ufffe", "王小明：" * 600])
def test_a_page_that_cannot_be_english_is_shown_as_it_is(app: APIFlask, typed: str) -> None:
    """What somebody typed must not shut a page to those who read English."""
    page = f"<!doctype html><html lang='zh-CN'><body><p>姓名</p><p>{typed}</p></body></html>"
    with app.test_request_context("/", headers={"Cookie": "yijianshi_language=en"}):
        shown = app.process_response(app.make_response(page)).get_data(as_text=True)
    assert typed[:3] in shown


def test_a_sentence_takes_names_and_numbers_but_leaves_typed_sentences_alone() -> None:
    words = Catalogue(
        {
            "第 {0} 页，共 {1} 页": "Page {0} of {1}",
            "办理{0}": "Handle {0}",
            "申请{0}": "Apply: {0}",
            "办结": "Closed",
            "查看{0}的{1}": "{1} of {0}",
        }
    )
    assert words.english("第 2 页，共 3 页") == "Page 2 of 3"
    assert words.english("办理张建国") == "Handle 张建国"
    assert words.english("查看张建国的办结") == "Closed of 张建国"
    assert words.english("张建国 · 办结") == "张建国 · Closed"
    assert words.english("申请人说材料已交，请办结。") is None
    assert words.english("办结，其余见附件") is None


def test_words_that_stay_chinese_are_marked_for_screen_readers() -> None:
    page = in_english(
        "<!doctype html><html><body><p>张建国<b>办结</b></p></body></html>",
        Catalogue({"办结": "Closed"}),
    )
    assert '<p lang="zh-CN">张建国<b lang="en">Closed</b></p>' in page


def test_english_words_stand_apart_from_what_is_beside_them() -> None:
    words = Catalogue({"共": "Total", "件": "cases", "前": "due"})
    page = in_english(
        "<!doctype html><html><body><p>共<b>3</b>件</p><p><b>3</b><i>（前）</i></p></body></html>",
        words,
    )
    assert "<p>Total <b>3</b> cases</p><p><b>3</b><i> (due)</i></p>" in page


def test_a_visitor_switches_to_english_and_back(app: APIFlask) -> None:
    client = app.test_client()
    before = client.get("/sign-in").text
    answer = client.get("/language/en?next=/guide/")
    assert (answer.status_code, answer.location) == (302, "/guide/")
    cookie = client.get_cookie("yijianshi_language")
    assert cookie is not None and cookie.http_only
    english = client.get("/sign-in")
    assert "<title>Sign in · Yijianshi</title>" in english.text
    assert "Content-Length" in english.headers
    client.get("/language/zh")
    strip = re.compile(r'name="csrf_token" value="[^"]*"')
    assert strip.sub("", client.get("/sign-in").text) == strip.sub("", before)


@pytest.mark.parametrize(
    "address", ["//example.com/", "https://example.com", "/\\example.com", "x"]
)
def test_the_switch_leads_to_pages_of_ours_only(app: APIFlask, address: str) -> None:
    answer = app.test_client().get("/language/en", query_string={"next": address})
    assert answer.location == "/"


def test_only_pages_are_translated(app: APIFlask) -> None:
    client = app.test_client()
    before = client.get("/api/openapi.json").get_data()
    client.get("/language/en")
    assert client.get("/api/openapi.json").get_data() == before
