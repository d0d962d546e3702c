"""Writing another version of what an office tells applicants."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select

from engine.access import Actor
from engine.clock import office_date
from engine.errors import Invalid, NotFound
from engine.models import ContentVersion
from engine.runtime import Runtime

LONGEST = 4000


def write_content(
    runtime: Runtime,
    region: str,
    key: str,
    parts: Mapping[str, str],
    effective_from: str,
    actor: Actor,
) -> int:
    """Keep a new version, which counts from its day on; return its number.

    Args:
        parts: heading → words, for every heading of the region's ``[contents.<key>]``.
        effective_from: ISO date, today or later.

    Raises:
        NotFound: no such content, or the actor does not hold its role.
        Invalid: ``errors`` names headings, or ``effective_from``.
    """
    now = runtime.clock.now()
    with runtime.transaction() as session:
        rule = runtime.releases.active(session, region, now).config.contents.get(key)
        if rule is None or not actor.holds(rule.role, region):
            raise NotFound
        day, errors = checked(rule.first, parts, effective_from, office_date(now))
        if errors:
            raise Invalid(errors=errors)
        # two who save at once get two numbers
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"{region}/{key}"))))
        last = session.scalar(
            select(func.max(ContentVersion.version)).where(
                ContentVersion.region == region, ContentVersion.key == key
            )
        )
        written = ContentVersion(
            region=region,
            key=key,
            version=(last or 0) + 1,
            effective_from=day,
            parts={heading: parts[heading] for heading in rule.first},
            written_at=now,
            written_by=actor.name,
        )
        session.add(written)
        return written.version


def checked(
    headings: Mapping[str, str], parts: Mapping[str, str], effective_from: str, today: date
) -> tuple[date, dict[str, str]]:
    """The day from which it counts, and what is wrong."""
    errors = {
        heading: f"请填写{heading}（{LONGEST} 字以内）。"
        for heading in headings
        if not 1 <= len(parts.get(heading, "")) <= LONGEST
    }
    day = today
    try:
        day = date.fromisoformat(effective_from)
        if day < today:
            errors["effective_from"] = "生效日期不能早于今天；以前告知过的内容照原样保留。"
    except ValueError:
        errors["effective_from"] = "请填写生效日期，例如 2027-05-20。"
    return day, errors
