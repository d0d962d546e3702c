"""功能: what the product itself does for every region, so that a clause can name it.

A sentence such as “提供办理进度实时查询” is fulfilled by no diagram but by a page. Only features
that exist stand here; the region's ``[features.<code>]`` says which clauses they fulfil there, and
a step of a story that looks at one proves it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Feature:
    """A feature: what people call it, and in one line what it is."""

    title: str
    what: str


FEATURES = {
    "sign_in": Feature("登录与权限", "登录后才能进入；每次请求都重新读取账号的权限。"),
    "identity": Feature(
        "统一身份认证", "个人和单位经统一身份认证平台扫码或用密码登录；本系统账号只供工作人员。"
    ),
    "portal": Feature("从门户发起", "门户以一次性凭证把申请人送来，渠道代码随办件保存。"),
    "operators": Feature(
        "经办人", "单位、集团、托管机构的管理员设立、停用经办人，划定单位和事项，全程留痕。"
    ),
    "entries": Feature("发起入口", "单位、个人和窗口各有入口，只列出本人可以发起的事项。"),
    "own_cases": Feature("我的主页", "单位和退休人员的首页，只列出本单位、本人的待办和办件。"),
    "progress": Feature("办理进度", "逐项显示办到哪一步、由谁办理、电话、期限、结果和原因。"),
    "case_page": Feature("办件详情", "经办人员查看一个办件的全部内容、过程和时限。"),
    "region_scope": Feature("分地区管理", "办件、待办和设置按地区隔离，外地区人员看不到。"),
    "releases": Feature("发布版本", "地区的全部规则冻结成版本；办件始终使用开始时的版本。"),
    "history": Feature("办理过程记录", "每一步的时间、人员和内容只增不改，可以校验。"),
    "agency_settings": Feature("部门设置", "办理部门的名称、地址、电话和对接方式可随时更改。"),
    "liaisons": Feature("联络员", "各部门的联络员及电话；更换后未办结的改送新联络员。"),
    "letters": Feature("督办件", "超期、退回和推送失败的，送所属部门的联络员，直到办结。"),
    "export_approval": Feature("导出审批", "名单须写明用途、由另一人同意后才能下载；留痕。"),
    "window": Feature("窗口代办", "网上与窗口互转，编号、草稿不变；窗口代录、打印、签字后提交。"),
    "guide": Feature("办事指南", "由本地区设置生成的公开页面，不用登录，可以打印。"),
    "contents": Feature("政策内容", "部门自己维护的告知内容，有生效日期、预览和各版本。"),
    "statistics": Feature("统计", "收件、受理、办结、按期、超期按机构、事项和月份统计，逐项可查。"),
    "tracking": Feature("跟踪", "逐人列出各部门事项办到哪一步、停了几个工作日。"),
    "practice": Feature("演练地区", "同样办理，但只登记虚构人员，不计入统计，文书不具效力。"),
    "clause_report": Feature("条款对照", "逐条列出政策原文、在何处实现、由哪个场景证明。"),
}
