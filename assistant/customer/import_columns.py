"""The columns of a shop's order lines, and the names under which its systems export them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assistant.errors import InputError

HEADERS = {
    "customer": "customer_id customer user_id member_id buyer buyer_id 客户编号 客户id 会员编号 会员id 用户id 买家id 买家昵称 买家会员名 客户",
    "at": "ordered_at order_date order_time invoice_date date time created_at paid_at 下单时间 订单创建时间 付款时间 订单付款时间 交易时间 日期 时间",
    "order": "order_no order_id order invoice invoice_no 订单号 订单编号 主订单编号 交易编号",
    "line": "line_no line line_id 行号 子订单号 子订单编号",
    "product": "product_id sku stock_code item item_id product 商品编号 商品id 货号 商家编码 sku编码 商品 商品名称 宝贝标题 product_name description",
    "quantity": "quantity qty count 数量 购买数量 商品数量",
    "price": "price unit_price 单价 商品单价 价格",
    "amount": "amount total line_total amount_cny revenue sales value 金额 实付金额 支付金额 买家实际支付金额 总价 总金额",
    "currency": "currency 币种 货币",
    "status": "status order_status 订单状态 状态 交易状态",
    "cancelled": "is_cancel is_cancelled is_canceled cancelled canceled 是否取消",
}


PEOPLE = {
    "customer": HEADERS["customer"],
    "phone": "phone mobile telephone phone_number tel 手机 手机号 电话 联系电话 手机号码 收货人手机",
    "email": "email e-mail mail email_address 邮箱 电子邮箱 邮件 邮箱地址",
}
CONVERSATIONS = {
    "conversation": "conversation_id conversation session session_id chat_id ticket_id 会话编号 会话id 会话 对话编号 工单号",
    "customer": HEADERS["customer"],
    "at": "at sent_at created_at time timestamp date 时间 发送时间 消息时间 日期",
    "text": "text message content body 内容 消息 消息内容 聊天内容",
    "sender": "sender role from author 发送者 发送方 角色",
    "message": "message_id msg_id id 消息编号 消息id",
}
ORDERS_NEED = (("customer",), ("at",), ("amount", "price"))  # one of each


def places(
    name: str,
    header: Sequence[str],
    named: Mapping[str, str],
    headers: Mapping[str, str] = HEADERS,
    need: Sequence[Sequence[str]] = ORDERS_NEED,
) -> dict[str, int]:
    """Where each column stands. Of two aliases in one header the one that stands first in the list above counts.

    named: our column -> the header that the owner says it has. Raises InputError when a needed column is missing.
    """
    found = {_plain(cell): place for place, cell in reversed(list(enumerate(header)))}
    if unknown := named.keys() - headers.keys():
        raise InputError(f"there is no column {min(unknown)!r} to name; expected one of {', '.join(headers)}")
    for column, cell in named.items():
        if _plain(cell) not in found:
            raise InputError(f"{name} has no column {cell!r} for {column}; it has: {', '.join(header)[:300]}")
    places = {}
    for column, aliases in headers.items():
        names = [named[column]] if column in named else aliases.split()
        place = next((found[_plain(alias)] for alias in names if _plain(alias) in found), None)
        if place is not None:
            places[column] = place
    missing = [columns[0] for columns in need if not places.keys() & set(columns)]
    if missing:
        raise InputError(
            f"{name} has no column for {' or '.join(_such_as(column, headers) for column in missing)}; "
            f"name it: --column {missing[0]}=HEADER. "
            f"It has: {', '.join(header)[:300]}"
        )
    return places


def _such_as(column: str, headers: Mapping[str, str]) -> str:
    """The column with two headers that it is found under, an English and a Chinese one."""
    aliases = headers[column].split()
    chinese = next((alias for alias in aliases if not alias.isascii()), aliases[-1])
    return f"{column} (such as {aliases[0]} or {chinese})"


def _plain(cell: str) -> str:
    """Customer ID, customer_id and CustomerId are one name."""
    return re.sub(r"[\s_\-.]+", "", cell.strip(" \t\r\n\ufeff\u3000'").lower())
