"""Check digits: each function says whether an upper-case code with its check digit is whole."""

from __future__ import annotations

from datetime import date

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def is_id_card(code: str) -> bool:
    """A citizen identity number: region, a birth date that exists, MOD 11-2.  Source: GB 11643-1999, ISO 7064."""
    try:
        born = date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        return False
    remainder = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, code[:17], strict=True)) % 11
    return 1900 <= born.year <= 2100 and code[17] == "10X98765432"[remainder]


def is_luhn(digits: str) -> bool:
    """Source: ISO/IEC 7812-1, annex B."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (doubled + sum(int(digit) for digit in digits[::-2])) % 10 == 0


def is_s10(code: str) -> bool:
    """A postal item such as EE123456785CN.  Source: Universal Postal Union, S10-12."""
    digits = [int(digit) for digit in code[2:11]]
    check = 11 - sum(weight * digit for weight, digit in zip(_S10_WEIGHTS, digits[:8], strict=True)) % 11
    return digits[8] == {10: 0, 11: 5}.get(check, check)
