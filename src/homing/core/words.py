"""What do we call it, in English and in Chinese? Every code a person may read has both; a test wants them.

Codes are stable and travel; words are for eyes. A code without an entry (a shop's own event name) is its own word.
"""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """One thing's name in both languages."""

    en: str
    zh: str


WORDS: dict[str, dict[str, Words]] = {
    "error": {
        "error": Words("Something went wrong", "出错了"),
        "invalid_input": Words("The request cannot be taken as it is", "请求内容有误"),
        "not_found": Words("It does not exist", "不存在"),
        "refused": Words("Not allowed", "不允许"),
        "not_signed_in": Words("Not signed in, or the key is wrong", "未登录或密钥错误"),
        "conflict": Words(
            "It changed meanwhile, exists already, or is held by another process", "已变更、已存在或被占用"
        ),
        "upstream": Words("Another system failed", "外部系统出错"),
        "transient": Words("Another system is not ready; it is tried again", "外部系统暂不可用，将重试"),
        "overload": Words("Too much at once; come back in a moment", "请求过多，请稍后再试"),
        "too_large": Words("More than one request may carry", "请求内容过大"),
        "method_not_allowed": Words("This cannot be done here", "此处不支持该操作"),
        "unsupported_media_type": Words("This kind of content is not read here", "不支持的内容类型"),
        "terminal": Words("Another system refused for good", "外部系统永久拒绝"),
    },
    "reason": {
        "no_consent": Words("Did not agree to messages of this kind", "未同意接收此类消息"),
        "consent_withdrawn": Words("Withdrew consent", "已撤回同意"),
        "suppressed": Words("The address is on the suppression list", "地址在禁发名单中"),
        "no_address": Words("No address for this channel", "没有该渠道的地址"),
        "permit_spent": Words("A permit is good for one send, to one address", "许可只对一个地址有效一次"),
        "holdout": Words("Held out of the campaign, for measurement", "属于活动的对照组，不发送"),
        "frequency_cap": Words("The frequency cap was reached", "已达到频次上限"),
        "quiet_hours": Words("Quiet hours: waits until they end", "处于免打扰时段，结束后再发"),
        "left_journey": Words("Left the journey before it was handed over", "在发出之前已离开旅程"),
        "no_content": Words("The content does not exist any more", "内容已不存在"),
        "no_channel": Words("The channel is not set up", "渠道未配置"),
        "render_failed": Words("The content could not be rendered", "内容渲染失败"),
        "rejected": Words("The receiving server refused the message", "对方服务器拒收该消息"),
        "bounced": Words("The receiving server knows no such address", "对方服务器表示该地址不存在"),
        "gave_up": Words("Every attempt failed", "多次重试均失败"),
        "expired": Words("Could not be handed over in time", "超过时限仍未能发出"),
        "interrupted": Words(
            "Handing over was interrupted: it may have been sent and is not sent again",
            "发送过程被中断，可能已发出，不再重发",
        ),
        "rebuilt": Words(
            "Was not decided at the time, so it is not sent after a rebuild", "当时未作此决定，重建后不再补发"
        ),
        "exit_done": Words("Reached the end", "走完全程"),
        "exit_event": Words("Did what the journey is left for", "完成了离开旅程的行为"),
        "exit_merged": Words("Is one person with someone already in the journey", "与旅程中的另一客户合并"),
        "exit_deleted": Words("The journey was deleted", "旅程已删除"),
        "exit_loop": Words("Went round without waiting", "无等待的循环"),
    },
    "stage": {
        "unaware": Words("Unaware", "未知"),
        "aware": Words("Aware", "认知"),
        "interested": Words("Interested", "兴趣"),
        "buyer": Words("Buyer", "购买"),
        "loyal": Words("Loyal", "忠诚"),
        "dormant": Words("Dormant", "沉睡"),
        "lost": Words("Lost", "流失"),
    },
    "rfm": {
        "champions": Words("Champions", "重要价值客户"),
        "loyal": Words("Loyal customers", "忠诚客户"),
        "potential_loyalists": Words("Potential loyalists", "潜在忠诚客户"),
        "new_customers": Words("New customers", "新客户"),
        "promising": Words("Promising", "有潜力客户"),
        "needs_attention": Words("Need attention", "需要关注客户"),
        "about_to_sleep": Words("About to sleep", "即将沉睡客户"),
        "at_risk": Words("At risk", "流失风险客户"),
        "cannot_lose": Words("Cannot lose them", "重要挽留客户"),
        "hibernating": Words("Hibernating", "沉睡客户"),
        "lost": Words("Lost", "已流失客户"),
    },
    "event": {
        "Order Completed": Words("Order completed", "完成订单"),
        "Product Viewed": Words("Product viewed", "浏览商品"),
        "Product List Viewed": Words("Product list viewed", "浏览商品列表"),
        "Products Searched": Words("Products searched", "搜索商品"),
        "Product Added": Words("Added to cart", "加入购物车"),
        "Product Removed": Words("Removed from cart", "移出购物车"),
        "Cart Viewed": Words("Cart viewed", "查看购物车"),
        "Checkout Started": Words("Checkout started", "开始结算"),
        "Coupon Redeemed": Words("Coupon redeemed", "使用优惠券"),
        "Product Updated": Words("Product updated", "更新商品资料"),
        "Segment Entered": Words("Entered a segment", "进入人群"),
        "Segment Left": Words("Left a segment", "离开人群"),
        "Tag Added": Words("Got a tag", "打上标签"),
        "Tag Removed": Words("Lost a tag", "移除标签"),
        "Stage Changed": Words("Lifecycle stage changed", "生命周期阶段变化"),
        "Journey Step Reached": Words("Journey step reached", "到达旅程步骤"),
        "Journey Exited": Words("Left a journey", "离开旅程"),
        "Holdout Assigned": Words("Assigned to an arm", "分配实验组"),
        "Customers Merged": Words("Customers merged by hand", "人工合并客户"),
        "Customer Split": Words("Customer taken apart", "拆分客户"),
        "Identifier Blocked": Words("Identifier links no more", "标识停止关联"),
        "Identifier Unblocked": Words("Identifier links again", "标识恢复关联"),
        "Conflict Settled": Words("Identity conflict settled", "身份冲突已处理"),
        "Message Refused": Words("Message not sent", "消息未发送"),
        "Message Sent": Words("Message sent", "消息已发送"),
        "Message Failed": Words("Message failed", "消息发送失败"),
        "Message Bounced": Words("Message bounced", "消息被退回"),
        "Message Complained": Words("Marked as spam", "被标记为垃圾邮件"),
        "Message Unknown": Words("Message outcome unknown", "消息结果未知"),
        "Message Opened": Words("Message opened", "打开消息"),
        "Message Clicked": Words("Message clicked", "点击消息"),
        "Data Quality Alert Raised": Words("Data quality alert", "数据质量告警"),
        "Unsubscribed": Words("Unsubscribed", "退订"),
        "Consent Updated": Words("Consent changed", "变更同意"),
        "Consent Preference Updated": Words("Consent to measuring", "统计同意"),
        "Page Left": Words("Left the page", "离开页面"),
        "In-Page Message Seen": Words("Message seen in the page", "看到页内消息"),
        "In-Page Message Clicked": Words("Message in the page clicked", "点击页内消息"),
        "In-Page Message Closed": Words("Message in the page closed", "关闭页内消息"),
        "identify": Words("Profile updated", "资料更新"),
        "page": Words("Page viewed", "浏览页面"),
        "screen": Words("Screen viewed", "浏览应用页面"),
        "group": Words("Joined a group", "加入群组"),
        "alias": Words("Two identifiers became one", "标识合并"),
    },
    "identity_reason": {
        "immutable": Words(
            "Two different identifiers that each belong to one person for good", "两个不同的终身标识，属于两个人"
        ),
        "limit": Words("More identifiers of one type than one customer may have", "超过每位客户同类标识的上限"),
        "demoted": Words("Gave way to the limit of its type", "因超出上限而降级"),
        "separated": Words("Taken apart by hand; a later event names both", "已人工拆分，之后又有事件同时出现两者"),
    },
    "id_type": {
        "user_id": Words("User id", "用户 ID"),
        "member_card": Words("Member card", "会员卡"),
        "unionid": Words("WeChat UnionID", "微信 UnionID"),
        "openid": Words("WeChat OpenID", "微信 OpenID"),
        "email": Words("E-mail", "邮箱"),
        "phone": Words("Phone", "手机"),
        "device_id": Words("Device", "设备"),
        "anonymous_id": Words("Cookie", "匿名 ID"),
    },
    "dataset": {
        "customers": Words("Customers and their traits", "客户与特征"),
        "identifiers": Words("Identifiers", "标识"),
        "context": Words("Circumstances of events", "事件的环境信息"),
        "products": Words("Products", "商品"),
        "order_lines": Words("Order lines", "订单明细"),
        "sends": Words("Messages", "消息发送"),
    },
    "call": {
        "page": Words("Page views", "页面浏览"),
        "screen": Words("Screen views", "屏幕浏览"),
        "group": Words("Groups and their traits", "群组与特征"),
        "alias": Words("Aliases", "别名合并"),
    },
    "source": {"homing": Words("Homing itself", "归航自身"), "file": Words("Imported files", "导入的文件")},
    "sensitive": {
        "secret": Words("Password or key", "密码或密钥"),
        "id_card": Words("Identity card", "身份证号"),
        "bank_card": Words("Bank card", "银行卡号"),
        "email": Words("E-mail address", "电子邮箱"),
        "phone": Words("Phone number", "电话号码"),
        "person_name": Words("Person's name", "姓名"),
        "address": Words("Postal address", "地址"),
        "birthday": Words("Birthday", "生日"),
        "ip": Words("IP address", "IP 地址"),
        "identifier": Words("Identifier of a person", "个人标识"),
    },
    "comparison": {
        "name": Words("Name", "姓名"),
        "given_name": Words("Given name", "名"),
        "surname": Words("Surname", "姓"),
        "full_name": Words("Full name", "全名"),
        "birth_date": Words("Date of birth", "出生日期"),
        "postcode": Words("Postcode", "邮编"),
        "city": Words("Place", "城市或地点"),
        "region": Words("Region", "省或州"),
        "address": Words("Address", "地址"),
        "number": Words("House number", "门牌号"),
        "phone": Words("Phone", "电话"),
        "email": Words("E-mail", "邮箱"),
        "national_id": Words("National id", "证件号"),
        "gender": Words("Gender", "性别"),
        "other": Words("Other", "其他"),
    },
    "trait": {
        "household_id": Words("Household", "家庭"),
        "account_id": Words("Account", "所属账户"),
        "name": Words("Name", "姓名"),
        "first_name": Words("First name", "名"),
        "last_name": Words("Last name", "姓"),
        "email": Words("E-mail", "邮箱"),
        "phone": Words("Phone", "手机"),
        "age": Words("Age", "年龄"),
        "gender": Words("Gender", "性别"),
        "birthday": Words("Birthday", "生日"),
        "city": Words("City", "城市"),
        "country": Words("Country", "国家"),
        "timezone": Words("Time zone", "时区"),
        "language": Words("Language", "语言"),
        "income": Words("Income", "收入"),
        "home_ownership": Words("Home ownership", "住房"),
        "marital_status": Words("Marital status", "婚姻状况"),
        "household_size": Words("Household size", "家庭人数"),
        "household_comp": Words("Household", "家庭构成"),
        "kids_count": Words("Children", "子女数"),
        "orders": Words("Orders", "订单数"),
        "revenue": Words("Revenue", "消费金额"),
        "average_order": Words("Average order", "客单价"),
        "first_order_at": Words("First order", "首次下单"),
        "last_order_at": Words("Last order", "最近下单"),
        "first_seen_at": Words("First seen", "首次出现"),
        "last_seen_at": Words("Last seen", "最近出现"),
        "active": Words("Has done anything", "有过行为"),
        "active_hour": Words("Active hour", "活跃时段"),
        "favourite_category": Words("Favourite category", "偏好品类"),
        "favourite_channel": Words("Favourite channel", "偏好渠道"),
        "lifecycle_stage": Words("Lifecycle stage", "生命周期阶段"),
        "messages_sent": Words("Messages sent", "已发消息数"),
        "messages_opened": Words("Messages opened", "打开消息数"),
        "messages_clicked": Words("Messages clicked", "点击消息数"),
        "rfm_recency": Words("RFM recency", "RFM 最近消费"),
        "rfm_frequency": Words("RFM frequency", "RFM 消费频次"),
        "rfm_monetary": Words("RFM monetary", "RFM 消费金额"),
        "rfm_segment": Words("RFM segment", "RFM 人群"),
        "churn_risk": Words("Churn signal", "流失信号"),
    },
}


def words(group: str, code: str) -> dict[str, str]:
    """The code's name in both languages; the code itself where there is none.

    Example:
        >>> words("stage", "dormant")
        {'en': 'Dormant', 'zh': '沉睡'}
    """
    found = WORDS[group].get(code)
    return {"en": found.en, "zh": found.zh} if found else {"en": code, "zh": code}
