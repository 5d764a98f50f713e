"""Postal addresses: Chinese ones from the region down to the room, simple English street addresses.

A region or a road alone is no address: there must be a house number, a named estate with its building or room,
or a town within two regions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.entities.found import Found

_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾"
    "|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
# characters of the sentence around an address rather than of a name
_NAME = r"(?:(?![在到是给寄送住我你他她请了的吗呢把吧就改填换号位])(?<!位)[\u4e00-\u9fff])"
_NUMBER = r"(?:[0-9]{1,5}|[一二三四五六七八九十百]{1,4})"
_REGION = rf"(?>{_NAME}{{2,8}}?(?:特别行政区|自治区|自治州|自治县|开发区|高新区|新区|省|市|区|县|旗|盟))"
_TOWN = rf"(?>{_NAME}{{1,7}}?(?:街道|镇|乡|村))"
_ROAD = rf"(?>{_NAME}{{1,8}}?(?:大街|大道|胡同|路|街|道|巷|弄|里)(?:[东西南北中]?[一二三四五六七八九十]?[路段街])?)"
_HOUSE = rf"{_NUMBER}(?:-[0-9]{{1,4}})?(?:号(?!楼))?(?:院|弄)?(?:之?{_NUMBER}号(?!楼))?"
_ESTATE = rf"(?>(?:{_NAME}|[A-Za-z]){{1,12}}?(?:小区|花园|大厦|广场|公寓|新村|家园|中心|大楼|大学|学院|宿舍|科技园|产业园|工业园|[苑城园府湾庭邸墅院郡居]))(?:[一二三四五六七八九十]期|[东西南北]区)?"
_UNIT = r"(?:[A-Za-z]|[0-9A-Za-z]{1,5}(?:-[0-9A-Za-z]{1,5}){0,3}|[一二三四五六七八九十]{1,3})"
_ROOM = rf"(?> ?{_UNIT} ?(?:号楼|单元|栋|幢|座|楼|层|室|户|房|号|门))"
_ZH = re.compile(
    rf"(?:(?:{_PROVINCES})(?:省|市)?)?(?P<regions>(?>(?: ?{_REGION}){{0,4}}))(?P<town>(?>(?: ?{_TOWN}){{0,2}}))"
    rf"(?: ?(?P<road>{_ROAD}) ?(?P<house>{_HOUSE}))?(?: ?(?P<estate>{_ESTATE}))?(?P<rooms>{_ROOM}{{0,4}}+)(?P<bare_room> ?[0-9]{{3,4}}(?![0-9A-Za-z元块年月.\-]))?"
)
_LEAD = re.compile(r"(?:成(?![都华安武])|为|至|从(?!化)|和(?![平田硕县顺])|跟|往|叫|写|发|收货|地址|现|家|公司|位于)+")

_STREET = "street|road|avenue|lane|boulevard|drive|st|rd|ave|ln|blvd|dr"
_SHORT_STREET = "Way|Court|Ct|Place|Pl|Square|Sq|Terrace|Parkway|Pkwy|Highway|Hwy|Close|Crescent|Broadway"
_EN = re.compile(
    r"(?<![0-9A-Za-z$¥€£.,#/-])[0-9]{1,5}[A-Za-z]?(?:-[0-9]{1,4})? (?:[NSEWnsew]\.? |(?:North|South|East|West) )?"
    rf"(?:(?:[A-Za-z'][A-Za-z']{{1,19}}|[0-9]{{1,3}}(?:st|nd|rd|th)) ){{1,4}}?(?:(?i:{_STREET})|{_SHORT_STREET})(?![A-Za-z])\.?"
    r"(?:,? (?:(?i:apt|apartment|unit|suite|ste|flat|room|floor|fl)\.? ?|#)[0-9A-Za-z-]{1,6})?"
    r"(?:, ?[A-Z][a-z.]+(?: [A-Z][a-z.]+){0,2})?(?:,? [A-Z]{2}(?![A-Za-z0-9]))?"
    r"(?:,? (?:[0-9]{5}(?:-[0-9]{4})?(?![0-9])|[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}(?![A-Za-z0-9])))?"
)
_NOT_STREET = re.compile(
    r"(?i)(?<![a-z])(?:days?|weeks?|months?|years?|hours?|minutes?|times?|items?|dollars?|bucks?|yuan|people|off|to|the|and|is|was|on|in|for|of|my)(?![a-z])"
)
# no address without one of these: most messages are done after one look
_ZH_MARK = re.compile("[路街道巷弄里同段楼元栋幢座层室户镇乡村]")
_DIGIT = re.compile("[0-9]")
_ZH_HINT = re.compile(rf"[路街道巷弄里同段] ?{_NUMBER}|{_UNIT} ?(?:号楼|单元|[栋幢座楼层室户])|[镇乡村]|街道")


def find_addresses(text: str) -> Iterator[Found]:
    if _ZH_MARK.search(text) and _ZH_HINT.search(text):
        yield from _chinese(text)
    if not _DIGIT.search(text):
        return
    for match in _EN.finditer(text):
        if not _NOT_STREET.search(match[0]):
            yield _found(text, match.start(), match.end())


def _chinese(text: str) -> Iterator[Found]:
    position = 0
    while position < len(text):
        match = _ZH.match(text, position)
        if not match or not _is_address(match):
            position += 1
            continue
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        lead = _LEAD.match(text, start)
        start = lead.end() if lead and lead.end() < match.end() else start
        yield _found(text, start, match.end())
        position = match.end()


def _found(text: str, start: int, end: int) -> Found:
    value = text[start:end].rstrip(" .")
    return Found("address", value, start, start + len(value))


def _is_address(match: re.Match[str]) -> bool:
    place = bool(match["regions"] or match["town"])
    numbered = bool(match["road"]) and ("号" in match["house"] or place or bool(match["rooms"] or match["estate"]))
    roomed = bool(match["rooms"]) and bool(match["estate"]) and (place or len(re.findall("[0-9]+", match["rooms"])) > 1)
    rural = bool(match["town"]) and len(re.findall(_REGION, match["regions"])) > 1
    return numbered or roomed or rural
