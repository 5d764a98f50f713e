"""The colours of a report: words that can be read, and moods that colour-blind eyes and grey paper tell apart."""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from assistant.reports import page

CSS = (Path(page.__file__).parent / "report.css").read_text("utf-8")
COLOURS = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", CSS))
READABLE = 4.5  # WCAG 2.2, 1.4.3: contrast of text
SIDE_BY_SIDE = 10  # of eight dots with their names beside them
TOLD_APART = 20  # CIE76 distance; about 2.3 is the least that an eye sees side by side
# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB
EYES = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour: str) -> np.ndarray:
    """#rrggbb as linear RGB, 0 to 1."""
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def luminance(rgb: np.ndarray) -> float:
    return float(rgb @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    dark, light = sorted(luminance(linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.clip(rgb, 0, 1) @ np.array([[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]])
    f = np.cbrt(xyz / [0.9505, 1.0, 1.089])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("ground", ["#ffffff", COLOURS["faint"]])
@pytest.mark.parametrize("name", ["ink", "quiet", "accent", "negative", "positive"])
def test_words_stand_out_from_the_paper(name, ground):
    assert contrast(COLOURS[name], ground) >= READABLE


@pytest.mark.parametrize("strongest", [page.MARK_STRENGTH[1] / 100])
@pytest.mark.parametrize("mood", ["negative", "positive"])
def test_a_marked_word_can_be_read(mood, strongest):
    behind = [round(255 + (int(COLOURS[mood][i : i + 2], 16) - 255) * strongest) for i in (1, 3, 5)]
    assert contrast(COLOURS["ink"], "#" + "".join(f"{part:02x}" for part in behind)) >= READABLE


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize(
    ("one", "other"),
    [("negative", "positive"), ("negative", "neutral"), ("neutral", "positive"), ("negative", "negative-band"),
     ("negative", "volume")],
)  # fmt: skip
def test_every_kind_of_eye_tells_the_marks_apart(eye, one, other):
    seen = [lab(np.asarray(EYES[eye]) @ linear(COLOURS[name])) for name in (one, other)]
    assert np.linalg.norm(seen[0] - seen[1]) >= TOLD_APART


@pytest.mark.parametrize("eye", EYES)
def test_every_kind_of_eye_tells_the_segments_of_the_customer_report_apart(eye):
    template = (Path(page.__file__).parent / "customers.html.j2").read_text("utf-8")
    fills = [f"#{c[1:] if len(c) == 7 else c[1:] * 2}" for c in re.findall(r"\.s\d { fill: (#\w+) }", template)]
    seen = [lab(np.asarray(EYES[eye]) @ linear(colour)) for colour in fills]
    assert len(seen) == 8
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) >= SIDE_BY_SIDE


def test_on_grey_paper_the_neutral_part_lies_between_two_dark_ones():
    grey = {mood: lab(np.full(3, luminance(linear(COLOURS[mood]))))[0] for mood in ("negative", "neutral", "positive")}
    assert min(grey["neutral"] - grey["negative"], grey["neutral"] - grey["positive"]) >= TOLD_APART
