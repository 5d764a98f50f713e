"""The suite `customers`: what the models of customers reach on public purchases, beside the figure to beat.

    for figure in figures(Path("data")): ...         data/customers/cdnow, online_retail_ii, telco_churn, ...

Every section is a function from the folder of its sets to figures; the protocol stands at the head of its module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from assistant.errors import InputError
from training.customer_figures import Figure

# section -> the module whose function `figures(folder)` measures it; one line for each further part of the product
SECTIONS = {
    "value": "training.customer_value",
    "churn": "training.customer_churn",
    "segments": "training.customer_segments",
    "recommendation": "training.customer_recommend",
    "rules": "training.customer_rules",
    "forecast": "training.customer_forecast",
    "spend": "training.customer_spend",
    "conversations": "training.customer_talks",
}


def figures(data: Path, sections: tuple[str, ...] = tuple(SECTIONS)) -> Iterator[Figure]:
    """Yield the figures as they are measured. Raises InputError when `data` does not hold the sets."""
    folder = Path(data) / "customers"
    if not folder.is_dir():
        raise InputError(f"{data} has no folder 'customers'; --data must name the folder that holds the public sets")
    for name in sections:
        measure: Callable[[Path], Iterator[Figure]] = import_module(SECTIONS[name]).figures
        yield from measure(folder)


COLUMNS = ("section", "data", "system", "metric", "ours", "to beat", "", "n")


def cells(figure: Figure) -> tuple[str, ...]:
    beaten = {None: "", True: "reached", False: "missed"}[figure.reached]
    floor = "" if figure.floor is None else figure.shown(figure.floor)
    return (figure.section, figure.data, figure.system, figure.metric, figure.shown(figure.value), floor, beaten,
            f"{figure.n:,}")  # fmt: skip
