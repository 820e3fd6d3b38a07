"""
Inputs and scales of a synthetic regular series, by numpy, independent of the TypeScript: whole columns at once, where the service
goes value by value. Definitions: those of the prototype behind docs/model.md, with means that start as the plain mean of the first
1/a values, the phase of the season by count, and scales that bound a squared change to 16 times their mean.

Python 3 and numpy: python3 test/golden/series_features.py && npx biome format --write test/golden/series-features.json
"""
import json
import platform
from pathlib import Path

import numpy as np

SEED, COUNT, SEASON, HORIZONS = 20240811, 460, 24, [1, 5, 24, 30]
WEEK = 7 * SEASON


def series(rng):
    t = np.arange(COUNT)
    values = 50 + 4 * np.sin(2 * np.pi * t / SEASON) + np.cumsum(rng.normal(0, .3, COUNT)) + rng.normal(0, .5, COUNT)
    values[200:210] = values[199]
    values[300:] += 30
    return values.round(4)


def ewma(values, half_life):
    rate, mean, out = 1 - .5 ** (1 / half_life), 0., np.empty(len(values))
    for k, value in enumerate(values):
        mean += max(rate, 1 / (k + 1)) * (value - mean)
        out[k] = mean
    return out


def bounded_mean_square(changes, half_life):
    rate, mean, out = 1 - .5 ** (1 / half_life), 0., np.empty(len(changes))
    for k, change in enumerate(changes):
        square = change ** 2
        if k + 1 > 50 and mean > 0:
            square = min(square, 16 * mean)
        mean += max(rate, 1 / (k + 1)) * (square - mean)
        out[k] = mean
    return out


def profile(off, spread, half_life):
    rate, usual = 1 - .5 ** (1 / half_life), np.zeros(SEASON)
    residual, told = np.empty(COUNT), np.empty((COUNT, SEASON))
    for k in range(COUNT):
        p = k % SEASON
        residual[k] = off[k] - usual[p]
        usual[p] += max(rate, 1 / (k // SEASON + 1)) * np.clip(residual[k], -3 * spread[k], 3 * spread[k])
        told[k] = usual
    return residual, told


def main():
    y = series(np.random.default_rng(SEED))
    t = np.arange(COUNT)
    tiny = 1e-9 * np.abs(y) + 1e-150
    step = np.diff(y, prepend=y[0])
    mean = ewma(y, SEASON)
    spread = np.sqrt(ewma((y - mean) ** 2, WEEK)) + tiny
    slow, fast = np.sqrt(ewma(step ** 2, WEEK)) + tiny, np.sqrt(ewma(step ** 2, SEASON / 4)) + tiny
    lag = lambda k: y[np.maximum(t - k, 0)]
    back = lambda k: (lag(k) - y) / spread
    residual, usual = profile(y - mean, spread, 3)
    grid = range(1, min(SEASON, max(HORIZONS)) + 1)
    phase, week = 2 * np.pi * ((t + 1) % SEASON) / SEASON, 2 * np.pi * ((t + 1) % WEEK) / WEEK
    columns = [(y - mean) / spread, step / slow, -back(2), -back(SEASON), -back(WEEK), np.log(fast / slow), residual / spread]
    for h in grid:
        columns += [back(SEASON * -(-h // SEASON) - h), (mean + usual[t, (t + h) % SEASON] - y) / spread]
    columns += [back(k) for k in (1, 2, 3, 4, 6, 8, 12)]
    columns += [np.sin(phase), np.cos(phase), np.sin(2 * phase), np.cos(2 * phase), np.sin(week), np.cos(week)]
    inputs = np.stack(columns, 1).clip(-6, 6)
    static = max(2000, 100 * SEASON)
    scales = np.zeros((COUNT, 2 * len(HORIZONS)))
    for k, h in enumerate(HORIZONS):
        change = y[h:] - y[:-h]
        scales[h:, k] = np.sqrt(bounded_mean_square(change, static))
        scales[h:, len(HORIZONS) + k] = np.sqrt(bounded_mean_square(change / spread[h:], static))
    scales[:, :len(HORIZONS)] += tiny[:, None]
    scales[:, len(HORIZONS):] = (scales[:, len(HORIZONS):] + 1e-3) * spread[:, None]
    at = [k for k in range(COUNT) if k < 6 or k % 14 == 0 or 298 <= k <= 304]
    golden = {"python": platform.python_version(), "numpy": np.__version__, "seed": SEED, "season": SEASON, "horizons": HORIZONS,
              "values": y.tolist(), "expected": [{"event": k, "inputs": inputs[k].tolist(), "scales": scales[k].tolist()} for k in at]}
    Path(__file__).with_name("series-features.json").write_text(json.dumps(golden))


if __name__ == "__main__":
    main()
