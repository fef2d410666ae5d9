"""What do the advertising platforms call their columns? English and Chinese, without blanks, points and case."""

from __future__ import annotations

from typing import Literal

from homing.collect.formats.sheets import Columns

Platform = Literal["ocean_engine", "tencent_ads", "google_ads", "meta", "generic"]

DIMENSIONS = ("channel", "account", "campaign", "campaign_id", "ad_group", "ad_group_id", "ad", "ad_id", "keyword")
# A report broken down by one of these has several rows a day and campaign, which all count.
BREAKDOWNS = frozenset([
    "age", "gender", "device", "platform", "placement", "network", "region", "country", "city", "hour", "matchtype",
    "publisherplatform", "impressiondevice", "年龄", "性别", "设备", "平台", "版位", "广告版位", "投放版位", "网络",
    "地区", "地域", "国家", "省份", "城市", "时段", "小时", "匹配类型", "流量来源",
])  # fmt: skip
HOME_CURRENCY: dict[Platform, str] = {"ocean_engine": "CNY", "tencent_ads": "CNY"}  # their reports are in yuan

PLATFORMS: dict[Platform, Columns] = {
    "ocean_engine": {
        "date": "时间天 时间 日期 统计时间 statdatetime",
        "account": "账户名称 账户 广告主名称 账户id 广告主id advertiserid",
        "campaign": "项目名称 广告组名称 广告组 campaignname",
        "campaign_id": "项目id 广告组id campaignid",
        "ad_group": "单元名称 广告名称 广告计划名称 计划名称 广告计划 adname",
        "ad_group_id": "单元id 广告id 广告计划id 计划id adid",
        "ad": "素材名称 创意名称 广告创意",
        "ad_id": "素材id 创意id creativeid",
        "cost": "消耗 总花费 总消耗 花费 statcost cost",
        "impressions": "展示数 展示次数 展现数 showcnt show",
        "clicks": "点击数 点击次数 clickcnt click",
        "conversions": "转化数 convertcnt convert",
    },
    "tencent_ads": {
        "date": "日期 时间 数据时间",
        "account": "账户名称 账户id 广告主id 广告主账号 推广账号",
        "campaign": "推广计划名称 推广计划 营销单元名称",
        "campaign_id": "推广计划id 营销单元id",
        "ad_group": "广告名称 广告组名称 广告",
        "ad_group_id": "广告id 广告组id",
        "ad": "创意名称 广告创意名称 素材名称",
        "ad_id": "创意id 广告创意id 素材id",
        "cost": "花费 消耗 总花费",
        "impressions": "曝光次数 曝光量 曝光",
        "clicks": "点击次数 点击量 可转化点击次数",
        "conversions": "目标转化量 转化目标量 转化量",
    },
    "google_ads": {
        "date": "day date 日 天 日期",
        "account": "accountname account customerid 账号名称 帐号名称 账号 帐号 客户id",
        "campaign": "campaign campaignname 广告系列 广告系列名称",
        "campaign_id": "campaignid 广告系列id",
        "ad_group": "adgroup adgroupname 广告组 广告组名称",
        "ad_group_id": "adgroupid 广告组id",
        "ad": "adname 广告名称",
        "ad_id": "adid 广告id",
        "keyword": "searchkeyword keyword 搜索关键字 关键字",
        "cost": "cost 费用",
        "currency": "currencycode currency 货币代码 币种代码 货币",
        "impressions": "impr impressions 展示次数 展示",
        "clicks": "clicks interactions 点击次数 互动次数",
        "conversions": "conversions 转化次数",
        "conversion_value": "convvalue conversionvalue 转化价值",
    },
    "meta": {
        "date": "day reportingstarts 天 单日 报告开始日期 报告开始时间",
        "until": "reportingends 报告结束日期 报告结束时间",
        "account": "accountname accountid 账户名称 广告账户名称 账户编号",
        "campaign": "campaignname 广告系列名称",
        "campaign_id": "campaignid 广告系列编号",
        "ad_group": "adsetname 广告组名称",
        "ad_group_id": "adsetid 广告组编号",
        "ad": "adname 广告名称",
        "ad_id": "adid 广告编号",
        "cost": "amountspent 花费金额 已花费金额 花费",
        "currency": "currency 币种 货币",
        "impressions": "impressions 展示次数",
        "clicks": "linkclicks clicks(all) 链接点击量 点击量(全部) 链接点击次数",
        "conversions": "results purchases websitepurchases 成效 购物次数 购买次数",
        "conversion_value": "purchasesconversionvalue websitepurchasesconversionvalue 购物转化价值 购买转化价值",
    },
    "generic": {
        "date": "date day time 日期 时间 天 统计日期 投放日期",
        "until": "until enddate 结束日期",
        "channel": "channel source media medium platform 渠道 媒体 平台 投放渠道 广告平台",
        "account": "account accountname 账户 账户名称 帐户",
        "campaign": "campaign campaignname 广告系列 广告系列名称 推广计划 推广计划名称 计划 计划名称 活动 活动名称"
        " 项目名称",
        "campaign_id": "campaignid 广告系列id 推广计划id 计划id 活动id 项目id",
        "ad_group": "adgroup adgroupname adset adsetname 广告组 广告组名称 推广单元 单元 单元名称",
        "ad_group_id": "adgroupid adsetid 广告组id 推广单元id 单元id",
        "ad": "ad adname creative 广告 广告名称 创意 创意名称",
        "ad_id": "adid creativeid 广告id 创意id",
        "keyword": "keyword 关键词 关键字",
        "cost": "cost spend adspend spent amountspent amount 花费 消耗 消费 费用 总花费 总消耗 总费用 金额 投放金额",
        "currency": "currency currencycode 币种 货币",
        "impressions": "impressions impr views shows 展示 展示数 展示量 展示次数 展现 展现量 展现次数 曝光 曝光量"
        " 曝光次数",
        "clicks": "clicks click linkclicks 点击 点击数 点击量 点击次数",
        "conversions": "conversions conversion results 转化 转化数 转化量 转化次数 目标转化量",
        "conversion_value": "conversionvalue convvalue revenue 转化价值 成交金额 转化金额",
    },
}  # fmt: skip
