"""Places the policy document leaves blank: named, and still blank (NX-091)."""

from collections.abc import Iterator
from typing import Any

from engine.packs.checks.draft import Draft
from engine.packs.problem import Problem
from engine.packs.region import RegionConfig


def check_blanks(draft: Draft) -> Iterator[Problem]:
    """Every blank that ``to_fill`` does not name, and every name of what is no blank."""
    if draft.config is None:
        return
    file = f"processes/{draft.pack.region}/region.toml"
    blanks = _needed(draft.config)
    for place in sorted(blanks - set(draft.config.to_fill)):
        message = "缺少这一项；政策文件没有写明的，请列入 to_fill，启用前由管理员填写。"
        yield Problem(file, place, "setting-missing", message)
    for place in draft.config.to_fill:
        known, value = _find(draft.config, place)
        if not known:
            yield Problem(file, "to_fill", "to-fill-unknown", f"没有这一项设置：{place}")
        elif value not in (None, ""):
            message = f"“{place}”已经填写，请从 to_fill 中删去。"
            yield Problem(file, "to_fill", "to-fill-given", message)


def _needed(config: RegionConfig) -> set[str]:
    """The blanks that must not stay so."""
    found = {
        f"policies.{number}.issued_on"
        for number, policy in enumerate(config.policies)
        if policy.issued_on is None
    }
    return found | ({"effective_from"} if config.effective_from is None else set())


def _find(config: RegionConfig, place: str) -> tuple[bool, Any]:
    """Whether there is such a setting, and its value."""
    value: Any = config.model_dump()
    for part in place.split("."):
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return False, None
    return True, value
