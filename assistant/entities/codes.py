"""Order numbers, tracking numbers, identity cards and bank cards: codes told apart by format, check digit or cue word."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.characters import lowered
from assistant.entities.checks import is_id_card, is_luhn, is_s10
from assistant.entities.found import Evidence, Found

_START, _END = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
_CODE = r"(?P<code>[A-Za-z]{0,6}-?[0-9][A-Za-z0-9]*+(?>(?:-[A-Za-z0-9]++)*))"
_LINK = r"[\"'「“【(]?[ ]?(?P<named>号码|编号|[号码]|no\.?|number|num|id|code|#)?[ ]?(?:是|为|is|was|[:：#])?[ ]?#?[\"'「“【(]?[ ]?"
_COUNTED = r"(?! ?(?:元|块|件|个|单|份|多|天|人|万|%|usd|rmb|cny|dollars?|bucks|yuan|items?|times|days?))"
_CARRIER = "顺丰|圆通|中通|申通|韵达|极兔|京东|德邦|百世|邮政|菜鸟|ems|sf|ups|fedex|usps|dhl|yto|zto|sto"

_TRACKING_CUE = re.compile(
    rf"(?:(?:快递|物流|运|货运|包裹|{_CARRIER})(?:快递|速运|速递|物流)?单?(?=号|编号)|运单|"
    rf"(?<![a-z])(?:tracking|waybill|shipment|airway ?bill|(?:{_CARRIER})(?= ?(?:tracking|no|#))))"
    rf"{_LINK}{_CODE}{_COUNTED}",
    re.IGNORECASE,
)
_ORDER_CUE = re.compile(
    rf"(?:订单|(?<!快递|物流|货运|包裹|顺丰|圆通|中通|申通|韵达|极兔|京东|德邦|邮政)(?<!运)单(?=号)|(?<![a-z])orders?(?![a-z])){_LINK}"
    rf"{_CODE}{_COUNTED}",
    re.IGNORECASE,
)
_ORDER_CUE_AFTER = re.compile(
    rf"(?<![A-Za-z0-9-]){_CODE}{_COUNTED} ?(?:(?:这|那)(?:一?个|一?笔|张)?(?:订单|单(?!位))|的?订单)", re.IGNORECASE
)
_CARRIER_FORMAT = re.compile(
    rf"{_START}(?:SF[0-9]{{12,15}}|YT[0-9]{{13}}|ZTO[0-9]{{12}}|STO[0-9]{{12,13}}|JT[0-9]{{13}}|JD[A-Z]{{0,2}}[0-9]{{11,15}}"
    rf"|DPK[0-9]{{12}}|KY[0-9]{{13}}|LP[0-9]{{14,17}}|TBA[0-9]{{12}})(?:-[0-9]{{1,2}}){{0,3}}{_END}",
    re.IGNORECASE | re.ASCII,
)
_S10 = re.compile(
    rf"{_START}[A-Z]{{2}} ?[0-9]{{3}} ?[0-9]{{3}} ?[0-9]{{3}} ?[A-Z]{{2}}{_END}", re.IGNORECASE | re.ASCII
)
_UPS = re.compile(rf"{_START}1Z(?: ?[0-9A-Z]){{16}}{_END}", re.IGNORECASE | re.ASCII)
_ID_CARD = re.compile(r"(?<![A-Za-z0-9])[1-9][0-9]{5}[ -]?(?:19|20)[0-9]{6}[ -]?[0-9]{3}[0-9Xx](?![A-Za-z0-9])")
_BANK_CARD = re.compile(r"(?<![A-Za-z0-9.-])[2-69][0-9]++(?>(?:[ -][0-9]{2,7}){0,5})(?![ -]?[0-9]|[A-Za-z]|\.[0-9])")
# issuers and their lengths: UnionPay, Visa, Mastercard, JCB, American Express, older debit cards of Chinese banks
_ISSUER = re.compile(
    r"62[0-9]{14,17}|4[0-9]{15}|(?:5[1-5]|2[2-7])[0-9]{14}|35[0-9]{14}|3[47][0-9]{13}|(?:4[0-9]|60|9[58])[0-9]{14}(?:[0-9]{3})?"
)
_ORDER_WORD = re.compile("单|order")
_TRACKING_WORD = re.compile(rf"快递|物流|运|包裹|tracking|waybill|shipment|airway|{_CARRIER}")
_LONG_NUMBER = re.compile("[0-9]{11}")
_DIGIT = re.compile("[0-9]")
_DATE = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}")
_PHONE = re.compile(r"1[3-9][0-9]{9}")


def find_orders(text: str, formats: re.Pattern[str]) -> Iterator[Found]:
    """Numbers in a configured format, and codes of at least five characters beside 订单 or order, four beside 订单号."""
    for match in formats.finditer(text):
        yield Found("order_no", _bare(match[0]), match.start(), match.end(), Evidence.FORMAT)
    if not _DIGIT.search(text) or not _ORDER_WORD.search(lowered(text)):
        return
    for cue in (_ORDER_CUE, _ORDER_CUE_AFTER):
        for match in cue.finditer(text):
            code = match["code"]
            is_bare_phone = cue is _ORDER_CUE_AFTER and _PHONE.fullmatch(code)  # 13800138000的订单: whose orders
            shortest = 4 if cue is _ORDER_CUE and match["named"] else 5
            if _is_code(code, shortest, 30) and not is_bare_phone:
                yield Found("order_no", code.upper(), *match.span("code"), Evidence.CUE)


def find_tracking(text: str) -> Iterator[Found]:
    """Carriers' formats, postal items with their check digit (S10), and codes of ten and more beside a cue."""
    for match in _CARRIER_FORMAT.finditer(text) if _LONG_NUMBER.search(text) else ():
        yield Found("tracking_no", match[0].upper(), match.start(), match.end(), Evidence.FORMAT)
    for match in _UPS.finditer(text):
        yield Found("tracking_no", _bare(match[0]), match.start(), match.end(), Evidence.FORMAT)
    for match in _S10.finditer(text):
        if is_s10(code := _bare(match[0])):
            yield Found("tracking_no", code, match.start(), match.end(), Evidence.FORMAT)
    for match in _TRACKING_CUE.finditer(text) if _TRACKING_WORD.search(lowered(text)) else ():
        if _is_code(match["code"], 9, 30):
            yield Found("tracking_no", match["code"].upper(), *match.span("code"), Evidence.CUE)


def find_cards(text: str) -> Iterator[Found]:
    """Identity cards of 18 characters and bank cards of 15 to 19 digits, whose check digits are right."""
    for match in _ID_CARD.finditer(text):
        if is_id_card(code := _bare(match[0])):
            yield Found("id_card", code, match.start(), match.end(), Evidence.CHECKSUM)
    for match in _BANK_CARD.finditer(text):
        code = _bare(match[0])
        if _ISSUER.fullmatch(code) and is_luhn(code):
            yield Found("bank_card", code, match.start(), match.end(), Evidence.CHECKSUM)


def _bare(code: str) -> str:
    return re.sub("[ -]", "", code).upper()


def _is_code(code: str, shortest: int, longest: int) -> bool:
    n_digits = sum(map(str.isdigit, code))
    return shortest <= len(code) <= longest and n_digits >= min(shortest, 4) and not _DATE.fullmatch(code)
