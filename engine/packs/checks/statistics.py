"""``[statistics]``: what its reports name is there."""

from collections.abc import Iterator
from typing import get_args

from engine.packs.checks.data import Data
from engine.packs.checks.draft import Draft
from engine.packs.problem import Problem
from engine.packs.region import OUTSIDE, Role


def check_statistics(draft: Draft) -> Iterator[Problem]:
    """Processes, roles, notices and fields that reports are made of."""
    if draft.config is None:
        return
    rule = draft.config.statistics
    file = f"processes/{draft.pack.region}/region.toml"
    payment = rule.first_payment
    named = {
        "processes": rule.processes,
        "supervision.objections": rule.supervision.objections,
        "once.again": rule.once.again,
        "first_payment.process": [payment.process] if payment else [],
    }
    for place, processes in named.items():
        for process in processes:
            if process not in draft.processes:
                message = f"没有画这个流程：{process}"
                yield Problem(file, f"statistics.{place}", "process-missing", message)
    staff = set(get_args(Role)) - OUTSIDE
    if strange := [role for role in rule.roles if role not in staff]:
        message = f"只有工作人员的岗位可以查看统计：{'、'.join(strange)}"
        yield Problem(file, "statistics.roles", "statistics-role", message)
    for key in rule.accepted:
        if draft.pack.find("processes", f"notices/{key}.txt") is None:
            message = f"没有这个通知模板：notices/{key}.txt"
            yield Problem(file, "statistics.accepted", "notice-unknown", message)
    data = Data(draft)
    for place, field in (("retired", payment.retired), ("paid", payment.paid)) if payment else ():
        if not data.is_field(field):
            message = f"“{field}”不是已声明的“分区.字段”。"
            yield Problem(file, f"statistics.first_payment.{place}", "field-unknown", message)
