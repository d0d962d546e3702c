"""The side menu: what somebody can go to, by who they are."""

from dataclasses import dataclass

from flask import Flask, request, url_for

from engine.access import Actor
from engine.queries.contents import kept_contents
from engine.queries.covers import covering
from engine.queries.exchanges import exchanges
from engine.queries.exports import count_exports
from engine.queries.incidents import count_incidents
from engine.queries.letters import count_letters
from engine.queries.notes import count_mentions
from engine.queries.office_work import supervises
from engine.queries.regions import startable
from engine.queries.rosters import rosters
from engine.queries.statistics.scope import reaches
from engine.queries.worklist import Counts
from webapp.context import actor, figures, runtime, settings


@dataclass(frozen=True)
class Link:
    """A line of the menu. ``keys`` is its shortcut, ``count`` the work waiting behind it.

    ``aside``: the elder mode leaves it out. ``also``: another address of the same page.
    """

    title: str
    url: str
    count: int = 0
    tone: str = "secondary"
    keys: str = ""
    aside: bool = False
    also: str = ""

    @property
    def current(self) -> bool:
        """Whether this is the page being shown."""
        path, _, query = self.url.partition("?")
        here = (request.full_path if query else request.path).rstrip("?")
        return here in (self.url, self.also) or (not query and request.path == path)


@dataclass(frozen=True)
class Group:
    """Links under one title."""

    title: str
    links: list[Link]


def register_navigation(app: Flask) -> None:
    """Give templates ``navigation()``."""
    app.context_processor(
        lambda: {"navigation": navigation, "demo": settings().demo, "office": "高效办成一件事"}
    )


def navigation() -> list[Group]:
    """The menu of whoever is signed in."""
    who = actor()
    if who.kind != "staff":
        return _applicant(who)
    groups = [_work(figures(), who), *_supervision(who), *_entry(who)]
    if who.is_admin:
        groups.append(_operations(who))
    return groups


def _work(waiting: Counts, who: Actor) -> Group:
    return Group(
        "办件",
        [
            Link("我的待办", _list("mine"), waiting.mine, "blue", "g m", also=_list("")),
            Link("待领取", _list("pool"), waiting.pool, "secondary", "g p"),
            Link("已超期", _list("overdue"), waiting.overdue, "red", "g o"),
            Link("我已办理", _list("done"), keys="g d"),
            *_cover(who),
            Link("办件查询", url_for("clerk.search"), keys="g s"),
            Link("提到我的", url_for("clerk.mentions"), count_mentions(runtime(), who), "orange"),
            *([Link("交换名册", url_for("clerk.exchange"))] if exchanges(runtime(), who) else []),
            *_letters(who),
            *_exports(who),
            *_contents(who),
        ],
    )


def _cover(who: Actor) -> list[Link]:
    """What is done for colleagues on leave, for whoever covers; and where leave is entered."""
    links = [Link("请假代办", url_for("clerk.cover"))]
    absent = covering(runtime(), who)
    if absent:
        names = "、".join(one.name for one in absent)
        waiting = sum(one.open for one in absent)
        links.insert(0, Link(f"代{names}办理", _list("cover"), waiting, "blue"))
    return links


def _letters(who: Actor) -> list[Link]:
    """What came for the departments somebody looks after."""
    waiting = count_letters(runtime(), who)
    return [] if waiting is None else [Link("督办件", url_for("clerk.letters"), waiting, "red")]


def _exports(who: Actor) -> list[Link]:
    """Lists of persons that wait to be let out, for whoever asked or decides."""
    waiting = count_exports(runtime(), who)
    return [] if waiting is None else [Link("导出审批", url_for("export.index"), waiting, "red")]


def _contents(who: Actor) -> list[Link]:
    """What the office itself tells applicants."""
    return [Link("政策内容", url_for("content.index"))] if kept_contents(runtime(), who) else []


def _supervision(who: Actor) -> list[Group]:
    """Everybody's tasks, for supervisors, and figures, for those who may see them."""
    links = [Link("科室办件", url_for("clerk.office"), keys="g b")] if supervises(who) else []
    if reaches(runtime(), who):
        links += [
            Link("统计", url_for("statistics.show"), keys="g t"),
            Link("跟踪", url_for("statistics.tracking"), keys="g k"),
        ]
    return [Group("统计督办", links)] if links else []


def _list(view: str) -> str:
    return url_for("clerk.worklist", view=view or None)


def _entry(who: Actor) -> list[Group]:
    """What staff may start at the window."""
    links = [
        Link(rule.title, url_for("start.guide", region=config.code, process=process))
        for config, process, rule in startable(runtime(), who)
    ]
    links += _rosters(who)
    return [Group("窗口受理", links)] if links else []


def _rosters(who: Actor) -> list[Link]:
    title = "批量申请" if who.kind == "unit" else "名册导入"
    return [Link(title, url_for("roster.index"))] if rosters(runtime(), who) else []


def _operations(who: Actor) -> Group:
    links = [
        Link(
            "异常处理", url_for("administrator.incidents"), count_incidents(runtime(), who), "red"
        ),
        Link("服务请求", url_for("administrator.calls")),
        Link("部门设置", url_for("administrator.agencies")),
        Link("联络员", url_for("administrator.liaisons")),
        Link("工作日历", url_for("administrator.calendar")),
        Link("发布版本", url_for("administrator.releases")),
        Link("政策条款", url_for("administrator.all_clauses")),
        Link("个人信息登记", url_for("administrator.all_processing")),
        Link("单位与账号", url_for("administrator.people")),
    ]
    if settings().demo:
        links.append(Link("演示时钟", url_for("administrator.clock")))
    return Group("运行维护", links)


def _applicant(who: Actor) -> list[Group]:
    entry = "企业办事" if who.kind == "unit" else "个人办事"
    links = [Link("首页", url_for("applicant.home"), figures().pool, "blue")]
    links += [
        Link(
            rule.title,
            url_for("start.guide", region=config.code, process=process),
            aside=who.kind == "person",  # they stand on the first page, too
        )
        for config, process, rule in startable(runtime(), who, everywhere=False)
    ]
    if who.unit_admin:
        links.append(Link("经办人", url_for("operators.show")))
    if who.kind == "person" and who.files:
        links.append(Link("我的个人信息", url_for("applicant.own_data"), aside=True))
    return [
        Group(entry, links + _rosters(who)),
        Group("了解政策", [Link("退休年龄测算", url_for("calculator.show"))]),
    ]
