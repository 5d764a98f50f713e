"""Risk and segment of the people who wrote, from the latest scores of their purchases."""

from dataclasses import replace

import numpy as np

from assistant.customer import scores, scoring
from assistant.customer.segment_names import SegmentName
from assistant.reports.risks import with_scores
from tests.assistant.customer.shoppers import START, shoppers
from tests.assistant.reports.made_rows import made


def test_customers_bring_their_risk_and_segment_unless_the_file_has_them(tmp_path):
    scored = scoring.score(shoppers(60, 300, seed=1), START + 250, 60)
    loyal = (SegmentName("loyal", "忠诚客户", "loyal"),)
    scored = replace(scored, groups=np.zeros(len(scored), np.int16), segments=loyal)
    scores.publish(tmp_path, scored, "1")
    who, p = scored.customer_ids[0], float(scored.column("p_churn")[0])
    rows = made(["negative"] * 3, customer_id=[who, "nobody", ""])
    found = with_scores(rows, tmp_path)
    level = "low" if p < 0.3 else "medium" if p < 0.6 else "high"
    assert [found.churn_risk[i] for i in range(3)] == [level, "", ""]
    assert [found.segment[i] for i in range(3)] == ["loyal", "", ""]
    own = made(["negative"], customer_id=who, churn_risk="0.9", segment="VIP")
    assert with_scores(own, tmp_path) is own


def test_without_scores_rows_stay_as_they_are(tmp_path):
    rows = made(["negative"], customer_id="c1")
    assert with_scores(rows, tmp_path / "none") is rows
