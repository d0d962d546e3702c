"""联办事项的状态: their codes, names, and which of them are final (processes §0.3)."""

STATES: dict[str, str] = {
    "not_selected": "未选",
    "awaiting_approval": "待审批",
    "to_push": "待推送",
    "pushed": "已推送",
    "accepted": "已接收",
    "in_progress": "办理中",
    "waiting_condition": "等待条件",
    "waiting_person": "待本人认证",
    "supplement": "待补正",
    "succeeded": "办结成功",
    "sealed": "已封存",
    "failed": "办结失败",
    "not_qualified": "不符合",
    "self_service": "自助办理",
    "abandoned": "已放弃",
    "lapsed": "已取消（逾期未认证）",
    "ended": "已终止",
    "stuck": "系统异常（人工处理）",
}

FINAL = frozenset(
    {
        "not_selected",
        "succeeded",
        "sealed",
        "not_qualified",
        "self_service",
        "abandoned",
        "lapsed",
        "ended",
    }
)
