"""个人信息处理登记: which data, what for, how long, and who is given them."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engine.errors import NotFound
from engine.packs.processing import purposes, transfers
from engine.queries.processing import registered_region, registered_regions
from webapp.context import actor, runtime


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/processing", "all_processing", first)
    pages.add_url_rule("/processing/<region>", "processing", show)


def first() -> ResponseReturnValue:
    """Show the first region's."""
    found = registered_regions(runtime(), actor())
    if not found:
        raise NotFound("您管理的地区还没有启用的版本。")
    return redirect(url_for("administrator.processing", region=found[0].config.code))


def show(region: str) -> ResponseReturnValue:
    """Show a region's register, as its active release has it."""
    release = registered_region(runtime(), actor(), region)
    return render_template(
        "administrator/processing.html",
        release=release,
        regions=[one.config for one in registered_regions(runtime(), actor())],
        purposes=purposes(release.pack),
        transfers=transfers(release.pack, runtime().operations),
    )
