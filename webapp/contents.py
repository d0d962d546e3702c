"""公开内容: what an office tells applicants: looked at first, and every version kept."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.clock import office_date
from engine.commands.write_content import checked, write_content
from engine.contents import Content
from engine.errors import Invalid
from engine.queries.contents import Kept, kept_content, kept_contents
from webapp.context import actor, runtime

pages = Blueprint("content", __name__, url_prefix="/contents")


@pages.get("/")
def index() -> ResponseReturnValue:
    """List what the office keeps."""
    return render_template("contents/index.html", rows=kept_contents(runtime(), actor()))


@pages.get("/<region>/<key>")
def edit(region: str, key: str) -> ResponseReturnValue:
    """Show what counts today, ready to be changed, and every version."""
    kept = kept_content(runtime(), region, key, actor())
    today = office_date(runtime().clock.now()).isoformat()
    return _page(kept, kept.now.parts, today)


@pages.post("/<region>/<key>")
def write(region: str, key: str) -> ResponseReturnValue:
    """Show what it will look like, or keep it as a new version."""
    kept = kept_content(runtime(), region, key, actor())
    parts = {
        heading: request.form.get(f"part-{number}", "").replace("\r\n", "\n").strip()
        for number, heading in enumerate(kept.rule.first)
    }
    day = request.form.get("effective_from", "").strip()
    if request.form.get("action") == "preview":
        errors = checked(kept.rule.first, parts, day, office_date(runtime().clock.now()))[1]
        seen = None if errors else Content(key, kept.rule.title, parts)
        return _page(kept, parts, day, errors, seen), 422 if errors else 200
    try:
        version = write_content(runtime(), region, key, parts, day, actor())
    except Invalid as error:
        return _page(kept, parts, day, error.errors), 422
    flash(f"已保存为第 {version} 版，自 {day} 起生效。", "success")
    return redirect(url_for("content.edit", region=region, key=key))


def _page(
    kept: Kept,
    parts: Mapping[str, str],
    day: str,
    errors: Mapping[str, str] | None = None,
    preview: Content | None = None,
) -> str:
    return render_template(
        "contents/edit.html", kept=kept, parts=parts, day=day, errors=errors or {}, preview=preview
    )
