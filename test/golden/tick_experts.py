"""
Experts of ticks and their mix on a synthetic series of changes, by numpy, independent of the TypeScript: filtered history as a
weighted sample (weight 2^(-age/L)) put into cells, Bernstein online aggregation per level (Wintenberger 2017) with a prior and delayed
feedback. What was issued is kept as float32, as the service keeps it.

Python 3 and numpy: python3 test/golden/tick_experts.py && npx biome format --write test/golden/tick-experts.json
"""
import json
import platform
from pathlib import Path
from statistics import NormalDist

import numpy as np

SEED = 20240810
EVENTS = 640
HORIZONS = [1, 10, 100]
LEVELS = np.array([.025, *np.arange(.05, .951, .05).round(2), .975])
NORMAL = np.array([NormalDist().inv_cdf(p) for p in LEVELS])
L = len(LEVELS)
EDGES = np.array([2. ** e * (1 + m / 8) for e in range(-6, 4) for m in range(8)] + [16.])
FIRST_SCORED = 60
PRIOR = np.array([.8, .1, .1])
K = len(PRIOR)


def cell(value):
    """Number of the cell, 0 around zero, negative below."""
    if abs(value) < EDGES[0]:
        return 0
    k = min(int(np.searchsorted(EDGES, abs(value), side="right")), len(EDGES) - 1)
    return k if value > 0 else -k


def history_quantiles(scaled, half_life):
    """Of the changes known at the last reading, every eighth change; a Gaussian's before the 58th change."""
    if len(scaled) < 58:
        return NORMAL
    known = len(scaled) // 8 * 8
    weights = 2. ** (-(known - 1 - np.arange(known)) / half_life)
    numbers = np.array([cell(v) for v in scaled[:known]])
    cells = np.arange(-80, 81)
    mass = np.array([weights[numbers == c].sum() for c in cells])
    upto = np.cumsum(mass)
    out = np.empty(L)
    for i, level in enumerate(LEVELS):
        goal = level * upto[-1]
        j = int(np.argmax(upto >= goal))
        share = (goal - (upto[j - 1] if j else 0)) / mass[j]
        c = abs(cells[j])
        low, high = (EDGES[c - 1], EDGES[c]) if c else (0, 0)
        out[i] = low + share * (high - low) if cells[j] >= 0 else -(high - share * (high - low))
    return out


class Horizon:
    def __init__(self, h):
        self.h, self.stride = h, -(-h // 16)
        self.scaled, self.issued = [], {}
        self.regret, self.square, self.largest = np.zeros((L, K)), np.zeros((L, K)), np.zeros(L)
        self.weights = np.tile(PRIOR, (L, 1))
        self.overlap = max(1, h / self.stride)

    def mature(self, happened, origin, scale, is_scored, tie):
        z = happened / scale if scale > 0 else 0.
        self.scaled.append(z)
        if not is_scored or origin % self.stride:
            return
        rows, mixed = self.issued.pop(origin)
        below = np.where(happened - mixed > tie, 0., np.where(happened - mixed < -tie, 1., .5))
        r = (below - LEVELS)[:, None] * (mixed[:, None] - rows.T)
        self.regret, self.square = self.regret + r, self.square + r * r
        self.largest = np.maximum(self.largest, np.abs(r).max(1))
        for l in range(origin // self.stride % 7, L, 7):
            if self.largest[l] == 0:
                continue
            squares = self.square[l] + 1e-12 * self.largest[l] ** 2
            rate = np.minimum(np.sqrt(np.log(K) / (squares * self.overlap)), 1 / (self.largest[l] * self.overlap))
            w = PRIOR * rate * np.exp(rate * self.regret[l] - rate ** 2 * self.square[l])
            self.weights[l] = .99 * w / w.sum() + .01 / K

    def mix(self, network, sigma, scale, origin):
        rows = np.stack([network, sigma * NORMAL, scale * history_quantiles(self.scaled, max(1000, 50 * self.h))])
        mixed = np.maximum.accumulate((self.weights * rows.T).sum(1))
        if origin % self.stride == 0:
            self.issued[origin] = rows.astype(np.float32).astype(float), mixed.astype(np.float32).astype(float)
        return mixed


def main():
    rng = np.random.default_rng(SEED)
    change = np.where(rng.random(EVENTS) < .4, 0., rng.standard_t(3, EVENTS) * .5).round(3)
    value = np.cumsum(change)
    horizons, expected, variance = [Horizon(h) for h in HORIZONS], [], 0.
    rate = 1 - 2. ** (-1 / 5000)
    for t in range(1, EVENTS + 1):
        variance += max(rate, 1 / t) * (change[t - 1] ** 2 - variance)
        for k, one in enumerate(horizons):
            scale = np.sqrt(one.h * variance)
            if t > one.h:
                origin = t - one.h
                one.mature(value[t - 1] - value[origin - 1], origin, scale, origin >= FIRST_SCORED, 1e-9)
            network = (np.sin(t / 7) * .2 + .8 * NORMAL * np.sqrt(one.h)).astype(np.float32).astype(float)
            mixed = one.mix(network, .6 * np.sqrt(one.h), scale, t)
            if t % 12 == 0 or t > EVENTS - 3:
                expected.append({"event": t, "horizon": k, "mixed": mixed.tolist(), "weights": one.weights.mean(0).tolist()})
    golden = {"python": platform.python_version(), "numpy": np.__version__, "seed": SEED, "horizons": HORIZONS, "levels": LEVELS.tolist(),
              "firstScored": FIRST_SCORED, "changes": change.tolist(), "values": value.tolist(), "expected": expected}
    Path(__file__).with_name("tick-experts.json").write_text(json.dumps(golden))


if __name__ == "__main__":
    main()
