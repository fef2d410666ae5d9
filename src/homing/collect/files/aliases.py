"""What do people call the columns that many kinds have? Names in English and Chinese, without spaces and signs.

A field's names stand behind it, the likeliest first; a kind joins what it needs.
"""

from __future__ import annotations

WHO: dict[str, str] = {
    "customer_id": (
        "customerid customer userid user uid clientid 客户编号 客户id 客户号 客户代码 用户编号 用户id 顾客编号 会员id"
    ),
    "member_card": "membercard memberno cardno cardnumber loyaltycard 会员卡 会员卡号 会员号 会员编号 卡号",
    "email": "email emailaddress mail 邮箱 电子邮箱 邮件 邮箱地址",
    "phone": (
        "phone phonenumber mobile mobilephone mobilenumber tel telephone 手机 手机号 手机号码 电话 联系电话 联系方式"
    ),
    "device_id": "deviceid 设备号 设备id 设备编号",
    "anonymous_id": "anonymousid cookieid 匿名id 访客id",
    "openid": "openid wechatopenid 微信openid",
    "unionid": "unionid wechatunionid 微信unionid",
}
LINE: dict[str, str] = {
    "product_id": (
        "productid sku skuid stockcode itemid itemcode productcode upc 商品编号 商品id 产品编号 产品id "
        "货号 商品编码 条码"
    ),
    "product_name": "productname product itemname description title 商品名称 商品 产品名称 产品 品名 商品名 商品标题",
    "category": "category productcategory department 类目 品类 分类 商品分类 类别 商品类目",
    "brand": "brand 品牌",
    "quantity": "quantity qty units count 数量 件数 购买数量",
    "price": "price unitprice 单价 价格 售价 商品单价",
}
TIME = "time timestamp datetime date occurredat happenedat updatedat createdat 时间 日期 发生时间 更新时间 创建时间"
CURRENCY = "currency currencycode 币种 货币"
STORE = "storeid store shop shopid warehouse location 门店 门店编号 门店id 店铺 店铺id 仓库 仓库编号"
