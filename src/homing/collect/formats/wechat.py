"""How did a WeChat official account or mini program do, day by day? Followers, reads, shares, visits.

The names of the numbers are those of WeChat's own data interfaces, so that a file and a later connection say the same.

Source: WeChat's documentation for developers, 公众号 > 数据统计 (getusersummary, getusercumulate, getuserread) and
小程序 > 数据分析 (getDailyVisitTrend, getDailySummary). The columns are names in common use for these numbers; they
have not been held against a genuine export.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from homing.collect.connectors.connector import Row
from homing.collect.formats.format import About, Unreadable, formats
from homing.collect.formats.sheets import Columns, Header, Sheet, SheetFormat
from homing.collect.formats.statistics import figure
from homing.core.form import ask

_OFFICIAL = {
    "new_user": "新关注人数 新增关注人数 新增人数 newuser",
    "cancel_user": "取消关注人数 取关人数 canceluser",
    "net_user": "净增关注人数 净增人数 netuser",
    "cumulate_user": "累积关注人数 累计关注人数 总用户数 cumulateuser",
    "int_page_read_user": "图文页阅读人数 阅读人数 图文总阅读人数 总阅读人数 intpagereaduser",
    "int_page_read_count": "图文页阅读次数 阅读次数 图文总阅读次数 总阅读次数 intpagereadcount",
    "ori_page_read_user": "原文页阅读人数 跳转阅读原文人数 阅读原文人数 oripagereaduser",
    "ori_page_read_count": "原文页阅读次数 跳转阅读原文次数 阅读原文次数 oripagereadcount",
    "share_user": "分享人数 分享的人数 分享转发人数 转发人数 shareuser",
    "share_count": "分享次数 分享的次数 分享转发次数 转发次数 sharecount",
    "add_to_fav_user": "收藏人数 收藏的人数 微信收藏人数 addtofavuser",
    "add_to_fav_count": "收藏次数 收藏的次数 微信收藏次数 addtofavcount",
    "target_user": "送达人数 targetuser",
}
_MINI = {
    "session_cnt": "打开次数 sessioncnt",
    "visit_pv": "访问次数 visitpv",
    "visit_uv": "访问人数 活跃用户数 visituv",
    "visit_uv_new": "新用户数 新增用户数 新访问用户数 visituvnew",
    "visit_total": "累计用户数 累计访问人数 visittotal",
    "share_pv": "分享次数 转发次数 sharepv",
    "share_uv": "分享人数 转发人数 shareuv",
    "stay_time_uv": "人均停留时长 staytimeuv",
    "stay_time_session": "次均停留时长 staytimesession",
    "visit_depth": "平均访问深度 visitdepth",
}
_ABOUT = {"title": "文章标题 图文标题 内容标题 标题 title", "source": "来源 渠道 传播渠道 usersource source"}
_DAY = "时间 日期 统计日期 统计时间 群发日期 发表日期 发表时间 refdate date"


@formats.register("wechat_stats")
class WechatStats(SheetFormat, frozen=True):
    """Statistics of a WeChat official account or mini program, CSV or Excel.

    微信公众号或小程序的统计数据，CSV 或 Excel。
    """

    title: ClassVar[tuple[str, str]] = ("WeChat statistics", "微信统计数据")
    required: ClassVar[tuple[str, ...]] = ("date",)
    columns: ClassVar[Columns] = {"date": _DAY, **_ABOUT, **_MINI, **_OFFICIAL}

    account: Literal["auto", "official", "mini"] = ask(
        "Official account or mini program; auto tells by the columns", "公众号或小程序；auto 按列名判断", "auto"
    )
    account_name: str = ask("What to call the account", "账号名称", "", max_length=100)

    def known(self) -> Columns:
        """The columns looked for, with these settings."""
        own = {"official": _OFFICIAL, "mini": _MINI}.get(self.account)
        return self.columns if own is None else {"date": _DAY, **_ABOUT, **own}

    def sheet(self, header: Header, about: About, above: list[list[str]]) -> Sheet:  # noqa: ARG002
        """What reads the rows under this header."""
        account = self.account
        if account == "auto":
            mini, official = (Header(header.cells, {"date": _DAY, **_ABOUT, **own}) for own in (_MINI, _OFFICIAL))
            account = "mini" if len(mini.at) > len(official.at) else "official"
            header = mini if account == "mini" else official
        return _Stats(header, about, account, self.account_name)


class _Stats(Sheet):
    def __init__(self, header: Header, about: About, account: str, name: str) -> None:
        super().__init__(header, about)
        self._dataset = f"wechat_{account}"
        self._names = [n for n in (_MINI if account == "mini" else _OFFICIAL) if n in header.at]
        self._about = {"account": name} if name else {}

    def rows(self, cells: list[str]) -> list[Row]:
        day = self.day(self.text(cells, "date"))
        numbers = {n: v for n in self._names if (v := self.amount(cells, n)) is not None}
        others = self.others(cells)
        if not numbers and not others:
            raise Unreadable("missing_value", "the row has no numbers, wanted at least one")
        about = self._about | {n: said for n in ("title", "source") if (said := self.text(cells, n))}
        return [figure(self._dataset, day, about, {**others, **numbers})]
