"""The Han characters of a page travel with it, so that it reads the same on a machine that has no font for them.

    page = with_fonts(page)       # unchanged when it holds no Han character

Noto Sans SC in two weights, of https://www.npmjs.com/package/@fontsource/noto-sans-sc 5.3.0, under the Open Font License
beside the files. It has 7,333 Han characters: all but two of the 128,598 in reviews of banks, all but 90 of 755,689 in
those of hotels. Rarer ones, Latin letters and emoji are left to the fonts of whoever reads it. The files were made by

    pyftsubset noto-sans-sc-chinese-simplified-400-normal.woff --flavor=woff --unicodes=U+2E80-FFFF --layout-features=
        --no-hinting --no-glyph-names --name-IDs=0,13,14 --drop-tables+=vhea,vmtx,BASE,GDEF,GPOS,GSUB,STAT,gasp
"""

from __future__ import annotations

import base64
import io
from html.parser import HTMLParser
from pathlib import Path

_FOLDER = Path(__file__).parent / "fonts"
FAMILY = "Huida Han"  # as report.css calls it
REGULAR, BOLD = 400, 700
VARIANTS = 14  # a cmap of this format tells how variation selectors change a character; chat has none
RANGES = (("\u2e80", "\u9fff"), ("\uf900", "\ufaff"), ("\uff00", "\uffef"))  # with Han punctuation and full-width forms
_BOLD_TAGS = frozenset({"h1", "h2", "h3", "b"})
_BOLD_CLASSES = frozenset({"headline", "series", "changed", "map-name", "open"})


def with_fonts(page: str) -> str:
    """The page with the glyphs of its Han characters at the end of its style, each weight its own."""
    faces = [_face(weight, used) for weight, used in ((REGULAR, _han(page)), (BOLD, _bold(page))) if used]
    return page.replace("</style>", "".join(faces) + "</style>", 1)


def _han(text: str) -> set[str]:
    return {letter for letter in set(text) if any(first <= letter <= last for first, last in RANGES)}


def _bold(page: str) -> set[str]:
    reader = _BoldText()
    reader.feed(page)
    return _han("".join(reader.found))


class _BoldText(HTMLParser):
    """Collects what stands in elements that report.css sets in bold; none of them holds another of its own name."""

    def __init__(self):
        super().__init__()
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._inside and (tag in _BOLD_TAGS or _BOLD_CLASSES & set((dict(attrs).get("class") or "").split())):
            self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found.append(data)


def _face(weight: int, letters: set[str]) -> str:
    raw = base64.b64encode(_subset(weight, letters)).decode()
    source = f"url(data:font/woff;base64,{raw}) format('woff')"
    ranges = ",".join(f"U+{ord(first):X}-{ord(last):X}" for first, last in RANGES)
    return f"@font-face{{font-family:'{FAMILY}';font-weight:{weight};unicode-range:{ranges};src:{source}}}"


def _subset(weight: int, letters: set[str]) -> bytes:
    """A WOFF file of these characters alone. The shipped files have no glyph made of others and no layout tables, so
    outlines are taken over as they lie; fontTools.subset, which does much more, takes four times as long."""
    from fontTools.ttLib import TTFont

    with TTFont(_FOLDER / f"noto-sans-sc-{weight}.woff", lazy=True, recalcTimestamp=False, recalcBBoxes=False) as font:
        names = {code: name for code, name in font.getBestCmap().items() if chr(code) in letters}
        order = [".notdef", *sorted(set(names.values()))]
        glyphs, widths = font["glyf"].glyphs, font["hmtx"].metrics
        font["glyf"].glyphs, font["hmtx"].metrics = ({name: old[name] for name in order} for old in (glyphs, widths))
        font["cmap"].tables = [table for table in font["cmap"].tables if table.format != VARIANTS]
        for table in font["cmap"].tables:
            table.cmap = {code: name for code, name in table.cmap.items() if code in names}
        font.setGlyphOrder(order)
        font["glyf"].glyphOrder, font["maxp"].numGlyphs = order, len(order)
        font.flavor = "woff"
        font.save(out := io.BytesIO())
    return out.getvalue()
