"""申请材料: the checklist of a case, worked out from the region's ``[materials]`` and its data.

It is the section ``materials``: never stored, always what the data of the moment call for. What
was handed in, waived or promised is kept where the checklist was ticked (a form with ``x-rows``).

Source: YC-011 to YC-023, ZY-060, NX-071, JL-060.
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine.expressions import evaluate
from engine.packs.region import Material, RegionConfig

SECTION = "materials"
#: How a material may stand on the checklist.
STATES = {
    "received": "已收到",
    "shared": "免提交（数据共享）",
    "commitment": "承诺后补",
    "missing": "缺少",
}
FORMS = {
    "original": "原件",
    "copy": "复印件",
    "check": "核验原件",
    "photo": "照片",
    "form": "表格",
    "scan": "扫描件",
}


def checklist(
    config: RegionConfig, data: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
) -> dict[str, Any]:
    """The materials a case needs now, in the region's order.

    Returns:
        ``rows``: code, title, copies in words, note, the state a row begins with, and where the
        data come from when it need not be handed in.
    """
    needed = [
        (code, material)
        for code, material in sorted(config.materials.items(), key=lambda m: m[1].order)
        if evaluate(material.when, data, functions)
    ]
    return {"rows": [_row(code, material) for code, material in needed]}


def amount(material: Material) -> str:
    """How much of a material is wanted, in words."""
    return FORMS[material.form] + (f" {material.copies} 份" if material.copies else "")


def _row(code: str, material: Material) -> dict[str, Any]:
    notes = [material.note, f"共享来源：{material.shared}" if material.shared else ""]
    return {
        "code": code,
        "title": material.title,
        "amount": amount(material),
        "note": "；".join(note for note in notes if note) or None,
        "state": "shared" if material.shared else None,
        "shared": material.shared or None,
    }
