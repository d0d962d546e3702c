"""Changing how an agency is reached today."""

from dataclasses import dataclass
from typing import get_args

from engine.access import Actor
from engine.agency_address import check_address
from engine.errors import Forbidden, Invalid, NotFound
from engine.models import AgencySetting
from engine.packs.region import Mode
from engine.runtime import Runtime


@dataclass(frozen=True)
class AgencyFacts:
    """What may be changed: the transport and what people are told."""

    title: str
    mode: str
    endpoint: str = ""
    address: str = ""
    phone: str = ""
    hours: str = ""


def set_agency(
    runtime: Runtime,
    region: str,
    agency: str,
    facts: AgencyFacts,
    actor: Actor,
    *,
    loopback: bool = False,
) -> None:
    """Change an agency's live settings; calls begun from now on use them.

    Args:
        loopback: its system may be on this machine: in demonstrations.

    Raises:
        Invalid: ``errors`` names the fields.
        Forbidden: the actor does not administer the region.
    """
    if not actor.holds("admin", region):
        raise Forbidden
    errors = dict(_mistakes(facts, loopback=loopback))
    with runtime.transaction() as session:
        config = runtime.releases.active(session, region, runtime.clock.now()).config
        if facts.mode in ("file", "manual") and config.desk_of(agency) is None:
            errors["mode"] = (
                f"地区包没有为该部门指定登记答复的岗位（agencies.{agency}.role），"
                "只能系统对接；请先与流程设计人员联系。"
            )
        if errors:
            raise Invalid(errors=errors)
        setting = session.get(AgencySetting, (region, agency), with_for_update=True)
        if setting is None:
            raise NotFound
        for name in AgencyFacts.__annotations__:
            setattr(setting, name, getattr(facts, name))


def _mistakes(facts: AgencyFacts, *, loopback: bool) -> list[tuple[str, str]]:
    lengths = {"title": 80, "endpoint": 400, "address": 400, "phone": 60, "hours": 200}
    found = [
        (name, f"不能超过 {most} 个字。")
        for name, most in lengths.items()
        if len(getattr(facts, name)) > most
    ]
    if not facts.title:
        found.append(("title", "请填写部门名称。"))
    if facts.mode not in get_args(Mode):
        found.append(("mode", "请选择对接方式。"))
    if facts.mode == "api" or facts.endpoint:
        try:
            check_address(facts.endpoint, loopback=loopback)
        except Invalid as error:
            found.append(("endpoint", error.message))
    return found
