"""Chinese words for the codes that people see."""

ROLES = {
    "applicant": "申请人",
    "unit": "用人单位",
    "person": "退休人员本人",
    "custodian": "档案托管机构",
    "agent": "基层代理机构",
    "bank": "社银合作网点",
    "liaison": "部门联络员",
    "hrss_reviewer": "人社预审岗",
    "hrss_approver": "人社审批岗",
    "hrss_checker": "人社复核岗",
    "si_clerk": "社保经办岗",
    "si_checker": "社保复核岗",
    "si_supervisor": "社保主管岗",
    "med_clerk": "医保经办岗",
    "fund_clerk": "公积金经办岗",
    "veterans_clerk": "退役军人事务岗",
    "health_editor": "卫健内容维护岗",
    "bureau_data": "区局信息处",
    "bureau_benefits": "区局养老经办处",
    "admin": "系统管理员",
    "system": "系统",
}

CALL_STATES = {
    "queued": "待发送",
    "sending": "发送中",
    "accepted": "部门已接收",
    "succeeded": "办结成功",
    "refused": "部门未办理",
    "unknown": "待核实",
    "stuck": "转人工处理",
    "cancelled": "已取消",
}

MODES = {"api": "系统对接", "file": "名册交换", "manual": "人工登记"}

DEADLINE_STATES = {
    "running": "计时中",
    "paused": "中止计时",
    "met": "按期完成",
    "missed": "逾期完成",
    "cancelled": "已取消",
}

CASE_STATES = {"running": "办理中", "closed": "已办结"}

AUDIENCES = {"person": "退休人员本人", "unit": "用人单位", "clerk": "经办人员"}

EMPLOYMENT = {"employee": "单位职工", "flexible": "灵活就业人员"}

#: Tone of an item's state: which light badge it wears. What is not listed is plain.
ITEM_TONES = {
    "in_progress": "blue",
    "accepted": "blue",
    "pushed": "blue",
    "to_push": "blue",
    "awaiting_approval": "azure",
    "waiting_condition": "yellow",
    "waiting_person": "yellow",
    "supplement": "yellow",
    "succeeded": "green",
    "sealed": "green",
    "failed": "red",
    "stuck": "red",
}

CALL_TONES = {
    "succeeded": "green",
    "accepted": "blue",
    "sending": "blue",
    "queued": "blue",
    "refused": "yellow",
    "unknown": "yellow",
    "stuck": "red",
}

ELEMENTS = {
    "userTask": "办理环节",
    "serviceTask": "部门办理",
    "sendTask": "通知",
    "scriptTask": "系统处理",
    "businessRuleTask": "规则判断",
    "receiveTask": "等待",
    "callActivity": "子流程",
    "subProcess": "子流程",
    "startEvent": "开始",
    "endEvent": "结果",
    "intermediateCatchEvent": "等待",
    "intermediateThrowEvent": "发出消息",
    "boundaryEvent": "中途发生",
    "exclusiveGateway": "判断",
    "inclusiveGateway": "判断",
    "parallelGateway": "并行",
    "eventBasedGateway": "等待",
}

#: What sort of place fulfils a clause; elements of diagrams are called as above.
PLACES = {
    "forms": "表单",
    "decisions": "决策表",
    "items": "联办事项",
    "deadlines": "时限",
    "notices": "通知",
    "documents": "文书",
    "lanes": "泳道",
    "sections": "数据分区",
    "processes": "可发起的流程",
    "policies": "政策文件",
    "agencies": "办理部门",
    "offices": "机构",
    "parameters": "默认值",
    "materials": "材料",
    "rosters": "名册",
    "file_timers": "定时发起",
    "selections": "批次名单",
    "features": "系统功能",
    "stages": "阶段",
    "priority": "优先办理",
    "exports": "导出审批",
    "contents": "政策内容",
    "guide": "办事指南",
    "notes": "管理员须知",
    "statistics": "统计报表",
}

_UNITS = {
    "working_days": "{} 个工作日",
    "calendar_days": "{} 日",
    "same_day": "当日办结",
    "month_day": "每月 {} 日",
}


def budget(amount: int, unit: str) -> str:
    """How long a promise is, as the policy writes it."""
    return _UNITS[unit].format(amount)


def asking(title: str) -> str:
    """What a button to begin a process says: 申请…, unless its title already says what one does."""
    if title.startswith(("申请", "申报", "登记", "向")):
        return title
    return f"提出{title}" if title.endswith("申诉") else f"申请{title}"
