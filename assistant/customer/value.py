"""How often a customer will buy again, whether they still do, and what a purchase of theirs is worth.

    counts, spend = PurchaseCounts().fit(table), PurchaseSpend().fit(table)
    counts.expected(table, 90) * spend.expected(table)          CNY in the next 90 days

A customer buys as a Poisson process and drops out, unseen, after a purchase with a probability of their own; both rates
vary over customers. t_x is the time of the last purchase since the first, x the number of repeat days, T the age:

    BG/NBD    Fader, Hardie & Lee 2005, Marketing Science 24(2), equations 6, 7 and 10
    MBG/NBD   Batislam, Denizel & Filiztekin 2007, IJRM 24(3): a customer can drop out after the first purchase already
    Gamma-Gamma  Fader & Hardie 2013, "The Gamma-Gamma Model of Monetary Value", brucehardie.com/notes/025
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, expit, gammaln, hyp2f1, psi

from assistant.customer.purchases import Rfm
from assistant.errors import InputError

_LOG_BOUND = 9.0  # parameters lie in e^-9 .. e^9 of their scale, which keeps data without information finite
_ALIKE = 500.0  # from this a + b on the drop-out hardly varies over customers, and its limit is exact to a part in 500
_NEAR_ONE = 1e-6  # the formula for expected purchases has a removable pole at a = 1


class PurchaseCounts:
    """BG/NBD, or MBG/NBD when `modified`: the number of days with a purchase that are still to come.

    Learned: r_, alpha_days_ (the gamma of the rates, per day), a_, b_ (the beta of dropping out), log_likelihood_.
    Rank one-time buyers by `expected` or by MBG/NBD: BG/NBD's p_alive is 1 for all who never came back.
    """

    def __init__(self, modified: bool = False):
        self.modified = modified

    def fit(self, table: Rfm) -> PurchaseCounts:
        """Maximum likelihood. Raises InputError when nobody bought on two days: then there is no rate to learn."""
        if not (table.frequency > 0).any():
            raise InputError(
                f"none of the {len(table)} customers bought on two days; the value model needs repeat buyers"
            )
        scale = max(1.0, float(table.age_days.max()))  # in ages of about 1 all four parameters are of one size
        (x, t_x, age), n = _distinct(table.frequency, table.last_days / scale, table.age_days / scale)

        def loss(log_parameters: np.ndarray) -> tuple[float, np.ndarray]:
            value, gradient = _log_likelihood(np.exp(log_parameters), x, t_x, age, self.modified)
            return -float(n @ value), -np.exp(log_parameters) * (gradient @ n)

        bounds = [(-_LOG_BOUND, _LOG_BOUND)] * 4
        options = {"maxiter": 1_000, "ftol": 1e-13, "gtol": 1e-7 * n.sum()}
        found = minimize(loss, np.zeros(4), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        self.r_, alpha, self.a_, self.b_ = map(float, np.exp(found.x))
        self.alpha_days_ = alpha * scale
        # densities of t_x per unit of time: x of them a customer
        self.log_likelihood_ = -float(found.fun) - float(n @ x) * np.log(scale)
        return self

    def p_alive(self, table: Rfm) -> np.ndarray:
        """The probability that a customer has not dropped out, float64 (c,)."""
        return expit(-self._log_odds_gone(table))

    def expected(self, table: Rfm, days: float) -> np.ndarray:
        """The days with a purchase to expect in the next `days` days, float64 (c,).

        Equation 10 after Euler's transformation of 2F1, which takes x out of its large arguments:
        (1-z)^(r+x) 2F1(r+x, b+x; c; z) = (1-z)^(a-1) 2F1(a+b-1-r, a-1; c; z) with c = a+b+x-1, z = t / (alpha+T+t).
        """
        b = self.b_ + self.modified
        a = self.a_ if abs(self.a_ - 1) > _NEAR_ONE else 1 + _NEAR_ONE
        c = a + b + table.frequency - 1
        c = np.where(np.abs(c) > _NEAR_ONE, c, _NEAR_ONE)
        z = days / (self.alpha_days_ + table.age_days + days)
        with np.errstate(all="ignore"):  # for large a and b the two factors leave the range of floats
            shrunk = (1 - z) ** (a - 1) * hyp2f1(a + b - 1 - self.r_, a - 1, c, z)
            alive = c / (a - 1) * (1 - shrunk)
        sound = np.isfinite(alive) & (a + b < _ALIKE)
        return np.maximum(0.0, np.where(sound, alive, self._expected_alike(table, days))) * self.p_alive(table)

    def _expected_alike(self, table: Rfm, days: float) -> np.ndarray:
        """Of those alive, where all drop out with nearly one probability p: (1 - e^(-rate p t)) / p over the rates."""
        p = self.a_ / (self.a_ + self.b_ + self.modified + table.frequency)
        known = self.alpha_days_ + table.age_days
        return (1 - (known / (known + p * days)) ** (self.r_ + table.frequency)) / p

    def p_none(self, table: Rfm, days: float) -> np.ndarray:
        """The probability of no purchase at all in the next `days` days, float64 (c,): gone, or alive and quiet.

        The rate of a customer who is alive is gamma(r + x, alpha + T), so quiet is ((alpha+T) / (alpha+T+t))^(r+x).
        """
        known = self.alpha_days_ + table.age_days
        quiet = np.exp((self.r_ + table.frequency) * (np.log(known) - np.log(known + days)))
        return 1 - self.p_alive(table) * (1 - quiet)

    def _log_odds_gone(self, table: Rfm) -> np.ndarray:
        parameters = np.array([self.r_, self.alpha_days_, self.a_, self.b_])
        return _log_odds_gone(parameters, table.frequency, table.last_days, table.age_days, self.modified)


class PurchaseSpend:
    """Gamma-Gamma: the mean spend of a customer on a day with a purchase, shrunk towards everybody's.

    Learned: p_, q_, gamma_cny_, the last two being the gamma of the scales. It assumes that spend and frequency do
    not depend on each other; `correlation_` says how far they do among the customers it was fitted on.
    """

    def fit(self, table: Rfm) -> PurchaseSpend:
        """Maximum likelihood over customers with a repeat day. Raises InputError when there is none."""
        known = (table.frequency > 0) & (table.monetary_cny > 0)
        if not known.any():
            raise InputError(f"none of the {len(table)} customers has spend on a second day; the value model needs it")
        scale = float(table.monetary_cny[known].mean())
        x, z = table.frequency[known], table.monetary_cny[known] / scale

        def loss(free: np.ndarray) -> tuple[float, np.ndarray]:
            p, q, gamma = np.exp(free[0]), 1 + np.exp(free[1]), np.exp(free[2])  # q > 1, or there is no mean
            value, gradient = _spend_log_likelihood(p, q, gamma, x, z)
            return -float(value.sum()), -np.array([p, q - 1, gamma]) * gradient.sum(axis=1)

        bounds = [(-_LOG_BOUND, _LOG_BOUND)] * 3
        options = {"maxiter": 1_000, "ftol": 1e-13, "gtol": 1e-7 * len(x)}
        found = minimize(loss, np.zeros(3), jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
        self.p_, self.q_, self.gamma_cny_ = map(float, (np.exp(found[0]), 1 + np.exp(found[1]), np.exp(found[2])))
        self.gamma_cny_ *= scale
        varied = np.ptp(x) > 0 and np.ptp(z) > 0
        self.correlation_ = float(np.corrcoef(x, z)[0, 1]) if varied else 0.0
        return self

    def expected(self, table: Rfm) -> np.ndarray:
        """CNY of a future day with a purchase, float64 (c,); without a repeat day the mean of all customers."""
        x = table.frequency
        return (self.gamma_cny_ + x * table.monetary_cny) * self.p_ / (self.p_ * x + self.q_ - 1)


def _log_likelihood(parameters, x, t_x, age, modified) -> tuple[np.ndarray, np.ndarray]:
    """Equation 6 per customer (c,), and its gradient (4, c) by r, alpha, a, b."""
    r, alpha, a, b = parameters
    n = x + modified
    log_odds = _log_odds_gone(parameters, x, t_x, age, modified)
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + age)
    value = value + betaln(a, b + n) - betaln(a, b) + np.logaddexp(0, log_odds)
    gone = expit(log_odds)
    waited = np.log(alpha + age) - np.log(alpha + t_x)
    by_alpha = r / alpha - (r + x) * ((1 - gone) / (alpha + age) + gone / (alpha + t_x))
    by_r = psi(r + x) - psi(r) + np.log(alpha) - np.log(alpha + age) + gone * waited
    by_a = psi(a + b) - psi(a + b + n) + gone / a
    survived = np.maximum(b + n - 1, 1e-12)  # where it is not above 0, nobody can have gone
    by_b = psi(b + n) - psi(b) + psi(a + b) - psi(a + b + n) - gone / survived
    return value, np.stack([by_r, by_alpha, by_a, by_b])


def _log_odds_gone(parameters, x, t_x, age, modified) -> np.ndarray:
    """Log odds of having dropped out (equation 7 turned round); in BG/NBD nobody drops out before a repeat purchase."""
    r, alpha, a, b = parameters
    survived = np.maximum(b + x + modified - 1, 1e-12)
    log_odds = np.log(a) - np.log(survived) + (r + x) * (np.log(alpha + age) - np.log(alpha + t_x))
    return log_odds if modified else np.where(x > 0, log_odds, -np.inf)


def _spend_log_likelihood(p, q, gamma, x, z) -> tuple[np.ndarray, np.ndarray]:
    """Equation 1a of the note per customer (c,), and its gradient (3, c) by p, q, gamma."""
    total = np.log(gamma + x * z)
    value = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
    value = value + (p * x - 1) * np.log(z) + p * x * np.log(x) - (p * x + q) * total
    by_p = x * (psi(p * x + q) - psi(p * x) + np.log(z) + np.log(x) - total)
    by_q = psi(p * x + q) - psi(q) + np.log(gamma) - total
    by_gamma = q / gamma - (p * x + q) / (gamma + x * z)
    return value, np.stack([by_p, by_q, by_gamma])


def _distinct(*columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct rows and how many customers share each: whole days make many of them alike."""
    rows, n = np.unique(np.stack(columns, axis=1), axis=0, return_counts=True)
    return rows.T, n.astype(float)
