"""The ranker's starting coefficients, from the learning half of our conversations: `python -m training.suggestions`.

The learning half is replayed several times in different orders while the memory fills, so that the coefficients serve an
empty memory as well as a full one. All candidates count, not only the three that would be shown: so a probability means
what it says before any verdict was given.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.suggestions import ItemVectors, Learned, Memory, Ranker, suggest
from assistant.suggestions.features import FEATURES
from assistant.suggestions.ranker import fit
from training.conversations import Answered
from training.suite_suggestions import fits, fits_of_replies, halves, shuffled, taught

N_ORDERS = 4
PRIOR_ROWS = 5.0  # of the fit around zero
ALL = 10_000


def starting_coefficients(learning: Sequence[Answered], vectors: ItemVectors, dimension: int) -> Ranker:
    known = fits_of_replies(learning)
    rows, labels = [], []
    for seed in range(N_ORDERS):
        learned = Learned(Memory.empty(dimension))
        for reply in shuffled(learning, seed):
            for one in suggest(reply.situation, reply.items, learned, vectors, ALL, 0.0):
                rows.append(one.row)
                labels.append(float(fits(one, reply, known)))
            learned = taught(learned, reply, vectors, known)
    return fit(np.array(rows), np.array(labels), PRIOR_ROWS, np.zeros(len(FEATURES)))


def main() -> None:
    from assistant import bootstrap, settings

    loaded = settings.load()
    reader = bootstrap.build_reader(loaded)
    learning, _ = halves(reader, settings.configs_folder() / "demo")
    found = starting_coefficients(learning, ItemVectors(reader.encoder.encode), reader.encoder.dimension)
    for name, value in zip(FEATURES, found.coefficients, strict=True):
        print(f'    "{name}": {value:.2f},')


if __name__ == "__main__":
    main()
