"""What customers say in set phrases: asking for a person, asking who is there, choosing the second of the options.

These are commands rather than meanings, so they are matched as written and always obeyed.
"""

from __future__ import annotations

import re

_NOT_NOW = re.compile(
    r"(?:不要|不用|不必|别|无需|不想|没必要)(?:再|给我|帮我|跟我)*(?:转|找|接)?(?:人工|真人)"
    r"|\b(?:don'?t|do not|no need to|not)\b[^.!?]{0,20}\b(?:transfer|human|agent|person|representative)\b",
    re.IGNORECASE,
)
_HUMAN = re.compile(
    r"转\s*(?:接)?\s*(?:到)?\s*(?:人工|真人|客服|坐席)"
    r"|(?:找|要|叫|换|接|来)(?:个|一个|一下|你们)?(?:的)?(?:人工|真人|活人|真正的人)"
    r"|^(?:人工|真人|活人)(?:客服|服务|坐席)?(?:呢|啊|吧|在吗|在不在)?[!?。！？\s]*$"
    r"|(?:人工(?:客服|服务)?){2,}"
    r"|zhuan\s*ren\s*gong"
    r"|\b(?:talk|speak|chat|connect me|transfer me|put me through|get me|give me|let me have|want|need)\b[^.?!]{0,30}"
    r"\b(?:human|agent|real person|representative|live person|someone real|operator|actual person|person)\b"
    r"|^(?:human|agent|operator|representative|live agent|human agent|real person)(?: please)?\W*$",
    re.IGNORECASE,
)
_WHO = re.compile(
    r"你(?:们)?(?:到底)?(?:是谁|叫什么|是什么(?:人|东西)|是不是(?:机器人|真人|人)|是(?:机器人|真人|人工|人|AI)(?:还是\S{1,4})?(?:吗|吧|么))"
    r"|\b(?:who|what) are you\b|\bare you (?:an? )?(?:real|human|bot|robot|machine|person|ai)\b|\bwhat'?s your name\b",
    re.IGNORECASE,
)
_ORDINALS = (
    re.compile(r"^(?:第?[一1]个?|1|first(?: one)?|the first(?: one)?|one)\W*$", re.IGNORECASE),
    re.compile(r"^(?:第?[二2]个?|2|second(?: one)?|the second(?: one)?|two)\W*$", re.IGNORECASE),
    re.compile(r"^(?:第?[三3]个?|3|third(?: one)?|the third(?: one)?|three)\W*$", re.IGNORECASE),
    re.compile(r"^(?:第?[四4]个?|4|fourth(?: one)?|the fourth(?: one)?|four)\W*$", re.IGNORECASE),
)


def asks_for_human(text: str) -> bool:
    """转人工, agent please; not 先别转人工."""
    return bool(_HUMAN.search(_NOT_NOW.sub(" ", text)))


def asks_who(text: str) -> bool:
    """Who or what is answering?"""
    return bool(_WHO.search(text))


def ordinal(text: str) -> int | None:
    """0 for 第一个 or 1 or the first one, up to 3; None when the text is something else."""
    return next((place for place, pattern in enumerate(_ORDINALS) if pattern.match(text.strip())), None)
