"""统计: the page of figures, the list behind each of them, and both as workbooks."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.take_out import take_out
from engine.errors import Invalid
from engine.exports import find_wanted
from engine.media import XLSX
from engine.queries.statistics.figures import FIGURES, share
from engine.queries.statistics.listing import Asked, Listing, listing, ref_of
from engine.queries.statistics.period import PERIODS, called
from engine.queries.statistics.report import Report, regions, report
from engine.queries.statistics.scope import Filters, counted_processes
from webapp.attachments import file_response
from webapp.context import actor, runtime
from webapp.statistics import workbook
from webapp.statistics.cells import link_of
from webapp.statistics.chart import bar_chart
from webapp.statistics.tables import tables


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/statistics", "show", show)
    pages.add_url_rule("/statistics/export", "export", export)
    pages.add_url_rule("/statistics/list", "listing", show_list)
    pages.add_url_rule("/statistics/list/export", "export_list", export_list)


def asked_filters() -> Filters:
    """The filters that stand in the address."""
    given = {name: request.args.get(name, "").strip()[:60] for name in Filters.__annotations__}
    return Filters(**{**given, "period": given["period"] or "month"})


def show() -> ResponseReturnValue:
    """The figures; a period that cannot be read is told beside its field, over this month's."""
    filters, errors = asked_filters(), {}
    try:
        found = report(runtime(), actor(), filters)
    except Invalid as error:
        errors = error.errors
        found = report(runtime(), actor(), Filters(region=filters.region))
    sort = request.args.get("sort", "")[:60]
    page = render_template(
        "statistics/report.html",
        report=found,
        errors=errors,
        link=link_of(found),
        tables={one.code: one.sorted_by(sort) for one in tables(found)},
        sort_url=lambda table, column: _sort_url(found, table, column),
        chart=_chart(found),
        nothing=_nothing(found),
        figures=FIGURES,
        once_share=share(found.total.once, found.total.joint),
        **choices(found.scope, filters),
    )
    return (page, 422) if errors else page


def export() -> ResponseReturnValue:
    """All tables of the page, one to a sheet."""
    found = report(runtime(), actor(), asked_filters())
    name = f"统计_{found.scope.config.short_title}_{found.scope.period}.xlsx"
    return file_response(workbook.of_report(found), XLSX.type, name, shown=False)


def show_list() -> ResponseReturnValue:
    """One page of the list behind a figure."""
    number = request.args.get("page", "1")[:6]
    found = _listing(max(1, int(number)) if number.isdecimal() else 1)
    here = _list_query(found)
    return render_template(
        "statistics/list.html",
        found=found,
        of=here["of"],
        figure=FIGURES.get(here["figure"]),
        page_url=lambda number: url_for("statistics.listing", **here, page=number),
        sort_url=lambda column: url_for("statistics.listing", **_sorted(here, found, column)),
        back_url=url_for("statistics.show", **found.scope.filters.query(at="")),
        export_url=url_for("statistics.export_list", **here),
        narrowed=_narrowed(found),
    )


def export_list() -> ResponseReturnValue:
    """The whole list, where need be after somebody else agreed."""
    found = _listing(0)
    of = request.args.get("of") or "cases"
    ref = ref_of(found.scope, Asked(request.args.get("figure", ""), of))
    if not take_out(runtime(), find_wanted(runtime(), "figures", ref, actor()), actor()):
        return redirect(url_for("export.ask", kind="figures", ref=ref))
    name = f"{found.title}_{found.scope.config.short_title}_{found.scope.period}.xlsx"
    return file_response(workbook.of_list(found, of), XLSX.type, name, shown=False)


def choices(scope: Any, filters: Filters) -> dict[str, Any]:
    """What the filters of a page of figures offer."""
    config = scope.config
    rules = config.processes
    return {
        "filters": filters,
        "periods": PERIODS,
        "regions": regions(runtime(), actor()),
        "region": config.code,
        "offices": {
            code: title
            for code, title in sorted(scope.titles.items(), key=lambda one: one[1])
            if scope.reach is None or code in scope.reach
        },
        "processes": {
            code: rules[code].title if code in rules else code for code in counted_processes(config)
        },
        "items": {code: kind.title for code, kind in config.items.items()},
    }


def _listing(page: int) -> Listing:
    given = {name: request.args.get(name, "")[:40] for name in ("figure", "of", "sort")}
    asked = Asked(given["figure"], given["of"] or "cases", given["sort"])
    return listing(runtime(), actor(), asked_filters(), asked, page)


def _list_query(found: Listing) -> dict[str, Any]:
    """The list as it stands in the address, without its page."""
    own: dict[str, Any] = {
        "figure": request.args.get("figure", ""),
        "of": request.args.get("of") or "cases",
    }
    return {**own, "sort": found.sort, **found.scope.filters.query()}


def _sorted(here: dict[str, Any], found: Listing, column: str) -> dict[str, Any]:
    return {**here, "sort": f"-{column}" if found.sort == column else column}


def _sort_url(found: Report, table: Any, column: str) -> str:
    """The page with a table sorted by a column: first downwards, what is most comes first."""
    down = "" if table.sort == f"-{column}" else "-"
    query = {**found.scope.filters.query(), "sort": f"{down}{table.code}.{column}"}
    return url_for("statistics.show", **query, _anchor=table.code)


def _nothing(found: Report) -> bool:
    """Whether there is not one number to show."""
    shown = (found.objections, found.payments and found.payments.retirees)
    counts = [line.count for line in found.offices]
    counts += [line.count for line in (*found.months, *found.departments)]
    return not any(shown) and all(count.empty for count in counts)


def _chart(found: Report) -> Any:
    labels = [called("month", line.period)[2:] for line in found.months]
    received = [line.count.received for line in found.months]
    closed = [line.count.closed for line in found.months]
    return bar_chart(labels, (received, closed))


def _narrowed(found: Listing) -> list[str]:
    """In words what a list is narrowed to."""
    scope, filters = found.scope, found.scope.filters
    config = scope.config
    words = [config.title]
    if filters.at:
        words.append(scope.titles.get(filters.at, "未归属机构"))
    elif filters.office:
        words.append(f"{scope.titles[filters.office]}及下级")
    if filters.process in config.processes:
        words.append(config.processes[filters.process].title)
    if filters.item in config.items:
        words.append(config.items[filters.item].title)
    return words
