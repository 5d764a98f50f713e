"""What an agent could reply: at most three suggestions, each with its source and a calibrated probability.

A situation (what the customer just wrote and what went before) meets items (FAQ answers, canned replies, replies that
agents sent before). `features` says by named numbers how an item fits, `Ranker` turns them into a probability, `Memory`
holds what agents replied in earlier situations. All of it is pure; assistant.suggestion_service joins it to the store.
"""

from assistant.suggestions.items import Item, ItemVectors
from assistant.suggestions.learned import Learned, Verdicts
from assistant.suggestions.memory import Example, Memory
from assistant.suggestions.ranker import Ranker
from assistant.suggestions.situation import Entry, Situation, situation_of
from assistant.suggestions.suggest import N_SUGGESTIONS, Ranked, suggest

__all__ = [
    "N_SUGGESTIONS",
    "Entry",
    "Example",
    "Item",
    "ItemVectors",
    "Learned",
    "Memory",
    "Ranked",
    "Ranker",
    "Situation",
    "Verdicts",
    "situation_of",
    "suggest",
]
