"""Customers whose rates and drop-outs are known, because they were drawn from the model."""

import numpy as np

from assistant.customer.purchases import Purchases, Rfm, purchases

START = np.datetime64("2025-01-01")


def a_table(frequency, last_days, age_days, monetary_cny=None) -> Rfm:
    """A table of customers from plain lists."""
    x, t_x, age = (np.asarray(values, float) for values in (frequency, last_days, age_days))
    spend = np.zeros(len(x)) if monetary_cny is None else np.asarray(monetary_cny, float)
    return Rfm(START, np.arange(len(x), dtype=np.int32), age - t_x, x, age, spend * (x + 1), spend)


def shoppers(n: int, days: int, seed: int = 0, r=0.6, alpha_days=30.0, a=0.8, b=2.5) -> Purchases:
    """The purchases over `days` days of n customers after BG/NBD, all of whom begin in the first third."""
    rng = np.random.default_rng(seed)
    names, when, amounts = [], [], []
    rates = rng.gamma(r, 1 / alpha_days, n)
    drops, firsts = rng.beta(a, b, n), rng.integers(0, max(1, days // 3), n)
    typical = rng.gamma(6.0, 10.0, n)
    for i in range(n):
        at, alive = float(firsts[i]), True
        while at < days and alive:
            names.append(f"c{i:05d}")
            when.append(int(at))
            amounts.append(float(rng.gamma(6.0, typical[i] / 6.0)))
            alive = len(names) < 2 or names[-2] != names[-1] or rng.random() > drops[i]
            at += rng.exponential(1 / rates[i])
    products = [f"p{i % 7}" for i in range(len(names))]
    return purchases(names, START + np.array(when), products, [1] * len(names), amounts)
