"""What a document's template may say besides the case's data: the region, filters, titles."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from engine import money
from engine.clock import CHINA
from engine.forms import Form, declared, layout, walk
from engine.identity import mask_id_no
from engine.liaisons import NOBODY, Addressee, Department
from engine.materials import amount
from engine.models import AgencySetting
from engine.packs.pack import Pack
from engine.packs.region import Agency, OfficeRule, RegionConfig

_DIGITS, _PLACES = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")

#: Names every template may use, beside sections and functions.
REGION_NAMES = frozenset({"region", "agencies", "policies", "today_cn"})
CASE_NAMES = REGION_NAMES | {"document", "clauses", "matters", "members", "words", "this"}


def region_names(
    config: RegionConfig,
    settings: Sequence[AgencySetting],
    liaisons: Callable[[], Mapping[Department, Addressee]],
    today: date,
    offices: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The region as templates see it: its rules as frozen, its agencies as set today.

    Args:
        offices: agency → the office of it that a case is for, where it has several (JL-050).
    """
    live = {one.agency: one for one in settings}
    agencies = {
        code: _agency(
            code,
            live.get(code, agency),
            liaisons,
            config.offices.get((offices or {}).get(code, "")),
        )
        for code, agency in config.agencies.items()
    }
    items = [
        SimpleNamespace(
            code=code,
            title=kind.title,
            limit=kind.limit,
            agency=agencies.get(kind.agency, _agency(kind.agency, None)),
            clauses=list(kind.clauses),
        )
        for code, kind in sorted(config.items.items(), key=lambda one: one[1].order)
    ]
    promises = [_promise(rule) for rule in config.deadlines.values()]
    processes = [
        SimpleNamespace(code=code, title=rule.title, entries=list(rule.entries.values()))
        for code, rule in config.processes.items()
    ]
    region = SimpleNamespace(
        code=config.code,
        title=config.title,
        short_title=config.short_title,
        portal=config.portal,
        opens=config.hours.opens,
        closes=config.hours.closes,
        effective_from=_iso(config.effective_from),
        items=items,
        deadlines=promises,
        processes=processes,
        materials=[
            SimpleNamespace(title=m.title, amount=amount(m), note=m.note, alias=m.alias)
            for m in sorted(config.materials.values(), key=lambda one: one.order)
        ],
    )
    policies = [
        SimpleNamespace(
            title=policy.title,
            number=policy.number,
            issuers=list(policy.issuers),
            issued_on=_iso(policy.issued_on),
        )
        for policy in config.policies
    ]
    return {
        "region": region,
        "agencies": agencies,
        "policies": policies,
        "today_cn": date_cn(today),
    }


class _Agency(SimpleNamespace):
    """An agency; who its liaison is, is read when a template first asks."""

    code: str
    known: Callable[[], Mapping[Department, Addressee]]

    @property
    def liaison(self) -> str:
        """The name of whoever is the liaison today; empty when nobody is."""
        return self.known().get(Department("agency", self.code), NOBODY).name


def _agency(
    code: str,
    known: AgencySetting | Agency | None,
    liaisons: Callable[[], Mapping[Department, Addressee]] = dict,
    office: OfficeRule | None = None,
) -> _Agency:
    """How an agency is reached; what its office does not say itself holds for all of them."""
    said = {
        name: getattr(office, name, "") or getattr(known, name, "")
        for name in ("title", "phone", "hours", "address")
    }
    return _Agency(code=code, known=liaisons, **said)


def _promise(rule: Any) -> SimpleNamespace:
    counted = {
        "working_days": f"{rule.budget} 个工作日",
        "calendar_days": f"{rule.budget} 日",
        "same_day": "当日",
        "month_day": f"每月 {rule.budget} 日",
    }
    return SimpleNamespace(title=rule.title, limit=counted.get(rule.unit, ""), reason=rule.reason)


def words(pack: Pack, data: Mapping[str, Any]) -> Callable[[str], str]:
    """``words("prereview.retire_type")``: a field of a form as people read it, in full.

    Titles instead of codes, amounts in yuan, dates in Chinese; nothing is masked.
    """
    forms = pack.forms_of_sections

    def said(reference: str) -> str:
        section, _, name = reference.rpartition(".")
        value = (content := data.get(section) or {}).get(name)
        if value is not None and (title := _BUILT_IN.get(reference, {}).get(str(value))):
            return title
        keys = forms.get(section) or forms.get(f"this.{section.rpartition('.')[2]}") or ()
        for key in keys:  # several forms may fill the same section, e.g. online and at the window
            if value is not None and name in declared(pack.form(key).inlined):
                return _titled(pack.form(key), content, name)
        return _plain(value)

    return said


#: What no form asks for: how people are insured.
_BUILT_IN = {"person.employment": {"employee": "单位职工", "flexible": "灵活就业人员"}}


def _titled(form: Form, content: Mapping[str, Any], name: str) -> str:
    field = next((one for one in walk(layout(form, content)) if one.path == name), None)
    if field is None or field.value is None:
        return _plain(content.get(name))
    if field.schema.get("format") == "date":
        return date_cn(field.value)
    return field.in_full


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)


# ---------------------------------------------------------------- filters


def date_cn(value: Any) -> str:
    """``2027年5月20日`` of an ISO date or instant; empty for nothing."""
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def month_cn(value: Any) -> str:
    """``2027年5月`` of an ISO date, month or instant."""
    if isinstance(value, str) and len(value) == 7:
        value = f"{value}-01"
    day = _day(value)
    return f"{day.year}年{day.month}月" if day else ""


def yuan(fen: int | None) -> str:
    """``1,234.50 元`` of fen."""
    return "" if fen is None else money.in_words(fen)


def capital(fen: int | None) -> str:
    """Fen in capital characters: ``壹仟贰佰叁拾肆元伍角整``."""
    if fen is None:
        return ""
    whole, rest = divmod(abs(fen), 100)
    said = f"{_capital(whole)}元" if whole or not rest else ""
    jiao, cents = divmod(rest, 10)
    if jiao:
        said += f"{_DIGITS[jiao]}角"
    elif whole and cents:
        said += "零"
    said += f"{_DIGITS[cents]}分" if cents else "整"
    return f"负{said}" if fen < 0 else said


def _capital(whole: int) -> str:
    """A whole number in capitals, group by group of four digits."""
    if whole == 0:
        return "零"
    said, gap, place = "", False, 0
    groups = []
    while whole:
        whole, group = divmod(whole, 10_000)
        groups.append(group)
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group == 0:
            gap = bool(said)
            continue
        if said and (gap or group < 1000):
            said += "零"
        said, gap = said + _group(group) + _GROUPS[place], False
    return said


def _group(group: int) -> str:
    said, gap = "", False
    for power in (3, 2, 1, 0):
        digit = group // 10**power % 10
        if digit == 0:
            gap = bool(said)
            continue
        said += ("零" if gap else "") + _DIGITS[digit] + _PLACES[power]
        gap = False
    return said


def years_months(months: int | None) -> str:
    """``5年3个月`` of a number of months."""
    if months is None:
        return ""
    years, rest = divmod(int(months), 12)
    if not years:
        return f"{rest}个月"
    return f"{years}年{rest}个月" if rest else f"{years}年"


def lines(value: Any) -> list[str]:
    """The lines of a text, or the entries of a list, without empty ones."""
    entries = value.splitlines() if isinstance(value, str) else value or []
    return [text for entry in entries if (text := str(entry).strip())]


def masked(id_no: str | None) -> str:
    """An identity number with its middle hidden, for papers that others see, too."""
    return mask_id_no(id_no) if id_no else ""


FILTERS: Mapping[str, Callable[..., Any]] = {
    "date_cn": date_cn,
    "month_cn": month_cn,
    "yuan": yuan,
    "capital": capital,
    "years_months": years_months,
    "masked": masked,
    "lines": lines,
}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.astimezone(CHINA).date()
    if isinstance(value, date):
        return value
    if not value:
        return None
    text = str(value)
    return _day(datetime.fromisoformat(text)) if len(text) > 10 else date.fromisoformat(text)
