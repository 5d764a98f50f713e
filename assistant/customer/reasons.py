"""What a churn score rests on: the features, and the reason in words that each counts towards.

Apart from the code that computes them, because a server that only shows scores loads neither scipy nor scikit-learn.
"""

# name of the feature -> the reason it counts towards when a score is explained
FEATURES = {
    "recency": "silence", "recency_days": "silence", "recency_in_gaps": "silence",
    "gap": "rhythm", "irregularity": "rhythm",
    "frequency": "loyalty", "bought_once": "loyalty", "age": "loyalty",
    "n_30": "latest purchases", "n_90": "latest purchases", "n_180": "latest purchases", "n_365": "latest purchases",
    "spend_90": "latest purchases",
    "same_season_last_year": "season",
    "spend": "spend", "spend_a_day": "spend", "last_spend": "spend", "lines_a_day": "spend",
    "expected": "purchase model", "expected_mbg": "purchase model", "odds_none": "purchase model",
    "odds_none_mbg": "purchase model", "odds_expected": "purchase model",
    "talk_turns": "conversations", "talk_mood": "conversations", "talk_worst": "conversations",
    "talk_unsettled": "conversations",
}  # fmt: skip
REASONS = tuple(dict.fromkeys(FEATURES.values()))
