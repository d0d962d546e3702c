"""A mistake in a region pack, told to a designer."""

from dataclasses import dataclass

_SETTING_MISTAKES = {
    "looks_at_nothing": "写了 clauses 就必须看点什么：expect、invalid、visit 或 refused。",
    "missing": "缺少这一项。",
    "extra_forbidden": "没有这一项设置，请检查拼写。",
    "literal_error": "取值不在允许范围内。",
    "string_type": "这里应写文字，请加引号。",
    "int_type": "这里应写整数。",
    "int_parsing": "这里应写整数。",
    "list_type": "这里应写列表，请加方括号。",
    "bool_type": "这里应写 true 或 false。",
}


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake and where it is.

    Args:
        file: path inside the pack's root, e.g. ``processes/jilin/joint_case.bpmn``.
        element: id of the diagram element, or dotted path inside a TOML or JSON file; may be empty.
        code: stable word for programs, e.g. ``flow-condition``.
        message: what is wrong and how to mend it, in Chinese.
    """

    file: str
    element: str
    code: str
    message: str

    def __str__(self) -> str:
        """One line, whatever was quoted from the file."""
        return " ".join(f"{self.file}: {self.element or '-'}: {self.message}".split())


def setting_mistake(kind: str) -> str:
    """What pydantic found wrong with a setting, in a designer's words.

    Args:
        kind: pydantic's ``type`` of the mistake, e.g. ``extra_forbidden``.
    """
    return _SETTING_MISTAKES.get(kind, "取值的类型或格式不对。")
