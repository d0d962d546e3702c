"""工作日历: a year at a glance, and publishing the notice of the next one."""

import json

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from engine.calendar import WorkCalendar, YearNotice, left_out, read_notice
from engine.calendar_sheet import read_calendar_file, read_calendar_text
from engine.calendars import NATIONAL
from engine.clock import office_date
from engine.commands.publish_calendar import publish_calendar
from engine.errors import Invalid, NotFound
from engine.queries.calendars import administered_calendars, calendar_page, months_of
from engine.queries.regions import active_releases
from webapp.context import actor, runtime

EARLIEST, LATEST = 1990, 2200
#: More than any notice needs; the rest is no notice.
MOST_BYTES = 1_000_000
_FIELDS = ("title", "source", "text")


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/calendar", "calendar", show)
    pages.add_url_rule("/calendar/preview", "preview_calendar", preview, methods=["POST"])
    pages.add_url_rule("/calendar/publish", "publish_calendar", publish, methods=["POST"])


def show() -> ResponseReturnValue:
    """Show a year of a calendar."""
    return _page(_year(request.args.get("year", "")))


def preview() -> ResponseReturnValue:
    """Show what a notice says before it counts."""
    calendar = _calendar()
    try:
        notice = _read_upload(calendar)
    except Invalid as error:
        return _page(_year(""), error.errors or {"": error.message}), 422
    return render_template(
        "administrator/calendar_preview.html",
        calendar=calendar,
        titles=_titles(),
        notice=notice,
        months=months_of(_with(calendar, notice), notice.year),
        missing=left_out(notice) if calendar == NATIONAL else [],
        known=calendar_page(runtime(), calendar, notice.year),
        raw=json.dumps(notice.model_dump(mode="json", by_alias=True), ensure_ascii=False),
    )


def publish() -> ResponseReturnValue:
    """Let a notice count, as it was previewed."""
    calendar = _calendar()
    try:
        notice = read_notice(json.loads(request.form.get("notice", "")))
    except (ValueError, RecursionError, Invalid):
        flash("放假通知的内容已损坏，请重新上传。", "warning")
        return redirect(url_for("administrator.calendar", calendar=calendar))
    publish_calendar(runtime(), calendar, notice, actor())
    message = f"{notice.year} 年工作日历已发布，涉及的时限正在重新计算，结果记入各办件的办理记录。"
    flash(message, "success")
    return redirect(url_for("administrator.calendar", calendar=calendar, year=notice.year))


def _page(year: int, errors: dict[str, str] | None = None) -> str:
    calendar = _calendar()
    return render_template(
        "administrator/calendar.html",
        page=calendar_page(runtime(), calendar, year),
        titles=_titles(),
        errors=errors or {},
        typed={name: request.form.get(name, "") for name in _FIELDS},
        years=(max(EARLIEST, year - 1), min(LATEST, year + 1)),
    )


def _read_upload(calendar: str) -> YearNotice:
    """The notice of the uploaded file, or of the pasted rows."""
    title, source, text = (request.form.get(name, "").strip() for name in _FIELDS)
    upload: FileStorage | None = request.files.get("file")
    if upload is not None and upload.filename:
        content = upload.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise Invalid("文件过大，放假通知不应超过 1 MB。")
        notice = read_calendar_file(upload.filename, content, title=title, source=source)
    elif text:
        notice = read_calendar_text(text, title=title, source=source)
    else:
        raise Invalid(errors={"file": "请选择文件，或在下方粘贴日期。"})
    if notice.status != "published":
        raise Invalid("通知的 status 应为 published；推算的日历不能发布。")
    return notice


def _with(calendar: str, notice: YearNotice) -> WorkCalendar:
    """The calendar as it will be."""
    kept = runtime().calendars
    national = {**kept[NATIONAL].notices}
    local = {} if calendar == NATIONAL else {**kept[calendar].overlays}
    (national if calendar == NATIONAL else local)[notice.year] = notice
    return WorkCalendar(national.values(), local.values())


def _calendar() -> str:
    calendar = request.values.get("calendar", NATIONAL)
    if calendar not in administered_calendars(runtime(), actor()):
        raise NotFound("没有这个工作日历，或您无权管理。")
    return calendar


def _titles() -> dict[str, str]:
    """Calendar code → what people call it, of those the actor may publish."""
    regions = {
        release.config.calendar: release.config.short_title
        for release in active_releases(runtime())
    }
    return {
        code: "全国" if code == NATIONAL else f"{regions.get(code, code)}（地方放假日）"
        for code in administered_calendars(runtime(), actor())
    }


def _year(text: str) -> int:
    if text.isdecimal() and len(text) == 4 and EARLIEST <= int(text) <= LATEST:
        return int(text)
    return office_date(runtime().clock.now()).year
