"""办事指南: a region's guide for everybody, without signing in, made from its settings (JL-055)."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from engine.materials import amount
from engine.packs.pack import Pack
from engine.queries.guides import guide_page
from engine.queries.regions import active_releases
from webapp import words
from webapp.context import runtime
from webapp.drawing import picture

pages = Blueprint("guide", __name__, url_prefix="/guide")


@pages.get("/")
def index() -> ResponseReturnValue:
    """List the regions that publish a guide."""
    regions = [one.config for one in active_releases(runtime()) if one.config.guide]
    return render_template("guide/index.html", regions=regions)


@pages.get("/<region>")
def show(region: str) -> ResponseReturnValue:
    """Show the guide of a region."""
    page = guide_page(runtime(), region)
    config = page.release.config
    return render_template(
        "guide/show.html",
        page=page,
        config=config,
        rule=page.rule,
        items=sorted(config.items.values(), key=lambda one: one.order),
        materials=sorted(config.materials.values(), key=lambda one: one.order),
        amount=amount,
        promises=[one for one in config.deadlines.values() if one.unit != "date"],
        said=words.budget,
        drawing=lambda process: _drawing(page.release.pack, process),
    )


def _drawing(pack: Pack, process: str) -> str:
    return picture(pack.processes[process], pack.bpmn(process))
