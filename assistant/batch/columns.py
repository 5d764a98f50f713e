"""The columns of a file of messages, and the names under which shops and their systems export them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assistant.characters import HAN_RUN
from assistant.errors import InputError

# role -> headers, the likeliest first: of two in one file the one that stands first here counts
HEADERS = {
    "text": "text message content comment review body utterance feedback msg question sentence 消息内容 消息 内容 文本 正文 评论内容 评论 "
    "评价内容 评价 留言内容 留言 用户消息 客户消息 聊天内容 会话内容 反馈内容 反馈 咨询内容 问题 发言 tweet",
    "at": "at timestamp sent_at received_at created_at created time datetime date message_time review_date tweet_created 时间 日期 "
    "发送时间 消息时间 创建时间 评论时间 评价时间 留言时间 咨询时间 发布时间 会话时间",
    "customer_id": "customer_id customer user_id user uid member_id buyer_id buyer visitor_id 客户编号 客户id 客户 用户id 用户 会员id 会员编号 "
    "会员 买家id 买家昵称 买家 访客id 顾客",
    "product": "product product_id product_name sku item item_id item_name goods category cat 商品名称 商品 商品编号 商品id 产品名称 产品 "
    "宝贝标题 货号 品类 类目 分类",
    "channel": "channel platform source source_channel 渠道 平台 来源 来源渠道 渠道来源 接入渠道",
    "segment": "segment customer_segment tier level vip_level customer_type 客户分层 客户分群 分群 分层 客户类型 会员等级 用户等级 等级",
    "churn_risk": "churn_risk p_churn churn churn_probability risk 流失风险 流失概率 流失",
}  # fmt: skip
ALIASES = {role: tuple(names.split()) for role, names in HEADERS.items()}
_LETTER_RUN = re.compile(r"[^\W\d_]{2,}")
_MIN_TEXT_SHARE = 0.5  # of the filled cells sampled that hold words: fewer, and the column is an id, a date or a number


def plain(header: str) -> str:
    """Customer ID, customer_id and CustomerId are one name."""
    return re.sub(r"[\s_\-.]+", "", header.strip(" \t\r\n\ufeff\u3000'").lower())


def guess_roles(header: Sequence[str], named: Mapping[str, str] | None = None) -> dict[str, int]:
    """Role -> place of its column, by the headers alone; roles that the file does not have are left out.

    named: role -> the header that the user says it has. Raises InputError when there is no such role or header.
    """
    places = {plain(cell): place for place, cell in reversed(list(enumerate(header)))}
    roles = {}
    for role, cell in (named or {}).items():
        if role not in HEADERS:
            raise InputError(f"there is no column {role!r} to name; expected one of {', '.join(HEADERS)}")
        if plain(cell) not in places:
            raise InputError(f"there is no column {cell!r} for {role}; the file has: {', '.join(header)[:300]}")
        roles[role] = places[plain(cell)]
    for role, aliases in ALIASES.items():
        place = next((places[plain(alias)] for alias in aliases if plain(alias) in places), None)
        if role not in roles and place is not None and place not in roles.values():
            roles[role] = place
    return roles


def guess_text(header: Sequence[str], sample: Sequence[Sequence[str]]) -> int:
    """The place of the column that holds the messages: named so and full of words, or else the one with most words.

    sample: cells of the first rows. Raises InputError when no column holds words.
    """
    words = [_words([cells[place] for cells in sample if place < len(cells)]) for place in range(len(header))]
    named = guess_roles(header).get("text")
    if named is not None and (words[named] > 0 or not any(words)):
        return named
    best = max(range(len(header)), key=lambda place: (words[place], -place), default=None)
    if best is None or words[best] == 0:
        raise InputError(
            f"no column seems to hold messages; name it: --text-column HEADER. The file has: {', '.join(header)[:300]}"
        )
    return best


def _words(cells: Sequence[str]) -> float:
    """Mean characters of words in a cell, weighed by how much the cells differ; 0 for ids, dates, numbers and labels."""
    filled = [cell for cell in cells if cell.strip()]
    wordy = [sum(map(len, _LETTER_RUN.findall(cell))) + sum(map(len, HAN_RUN.findall(cell))) for cell in filled]
    if not filled or sum(map(bool, wordy)) < _MIN_TEXT_SHARE * len(filled):
        return 0.0
    return sum(wordy) / len(filled) * len(set(filled)) / len(filled)
