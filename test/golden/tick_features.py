"""
Inputs and scales of a synthetic tape, by numpy, independent of the TypeScript: whole columns at once, where the service goes
event by event. Definitions: those of the prototype behind docs/model.md, with means that start as the plain mean of the first
1/a values, and a scale that is h times the one-event variance until the first h-change is known.

Python 3 and numpy: python3 test/golden/tick_features.py && npx biome format --write test/golden/tick-features.json
A line of the tape: kind, nanoseconds, price, size, side, bid, bid size, ask, ask size; what a record lacks is empty.
"""
import json
import platform
from pathlib import Path

import numpy as np

SEED = 20240809
RECORDS = 450
STEP = 0.0001
HORIZONS = [1, 10, 100]


def tape(rng):
    """Trades and quotes of one symbol; the book is unknown at first, sometimes empty, and time and price stand still at times."""
    records, time, steps, book = [], 1_723_075_200_000_000_000, 12_000, None
    for k in range(RECORDS):
        time += 0 if rng.random() < .25 else int(rng.exponential(8e8))
        if k >= 60 and rng.random() < .25:
            bid = steps - int(rng.integers(0, 3))
            sizes = [0., 0.] if rng.random() < .05 else [float(v) for v in rng.exponential(5, 2).round(3)]
            book = [bid * STEP, sizes[0], (bid + int(rng.integers(1, 4))) * STEP, sizes[1]]
            records.append({"kind": "quote", "timeNs": str(time), "book": book})
            continue
        steps += int(rng.choice([-7, -2, -1, 0, 0, 0, 0, 1, 2, 9]))
        own = rng.random() < .2 and book is not None
        if own:
            book = [book[0], book[1] + 1, book[2], book[3]]
        records.append({"kind": "trade", "timeNs": str(time), "price": steps * STEP,
                        "size": 0. if rng.random() < .1 else round(float(rng.exponential(2)), 4),
                        "side": int(rng.choice([-1, 0, 1])), "book": book if own else None})
    return records


def trades_with_book(records):
    rows, book = [], [np.nan] * 4
    for r in records:
        book = r["book"] or book
        if r["kind"] == "trade":
            rows.append([r["price"], r["size"], r["side"], *book])
    times = [int(r["timeNs"]) for r in records if r["kind"] == "trade"]
    gaps = np.array([0, *((b - a) / 1e9 for a, b in zip(times, times[1:]))])
    return np.array(rows), gaps


def ewma(values, half_life):
    rate, mean, out = 1 - .5 ** (1 / half_life), 0., np.empty(len(values))
    for k, value in enumerate(values):
        mean += max(rate, 1 / (k + 1)) * (value - mean)
        out[k] = mean
    return out


def book_columns(bid, bid_size, ask, ask_size, price, step, rms2000):
    columns = np.zeros((len(price), 8))
    known = np.nan_to_num(bid_size + ask_size) > 0
    bid, bid_size, ask, ask_size, price, step, rms2000 = (
        v[known] for v in (bid, bid_size, ask, ask_size, price, step, rms2000))
    total = bid_size + ask_size
    imbalance, usual = (bid_size - ask_size) / total, np.log(ewma(total, 2000))
    microprice = (bid_size * ask + ask_size * bid) / total
    to_mid, to_micro = 1e4 * np.log((bid + ask) / 2 / price), 1e4 * np.log(microprice / price)
    columns[known] = np.stack([
        imbalance, ewma(imbalance, 10), np.log((ask - bid) / price * 1e4 / step + .5) / 2,
        np.tanh(to_mid / (3 * rms2000)), np.tanh(to_micro / (3 * rms2000)), np.tanh(to_micro / (2 * step)),
        (np.log(bid_size + 1e-3) - usual) / 3, (np.log(ask_size + 1e-3) - usual) / 3], 1)
    return columns


def book_news(records):
    """Per trade: order flow imbalance, updates, change of the middle, variance of the middle per update; the book may be unknown."""
    rows, book, then, flow, updates, variance, seen = [], None, None, 0., 0, 0., 0
    for r in records:
        new = r["book"]
        if new is not None:
            if book is not None and new != book:
                (b0, bs0, a0, as0), (b1, bs1, a1, as1) = book, new
                flow += (b1 >= b0) * bs1 - (b1 <= b0) * bs0 - (a1 <= a0) * as1 + (a1 >= a0) * as0
                updates, seen = updates + 1, seen + 1
                move = 1e4 * np.log((b1 + a1) / (b0 + a0))
                variance += max(1 - .5 ** (1 / 20), 1 / seen) * (move ** 2 - variance)
            book = new
        if r["kind"] != "trade":
            continue
        if book is None:
            rows.append([0.] * 4)
            continue
        middle = (book[0] + book[2]) / 2
        rows.append([flow, updates, 0. if then is None else 1e4 * np.log(middle / then), variance])
        then, flow, updates = middle, 0., 0
    return np.array(rows)


def flow_columns(news, bid_size, ask_size, step, rms2000):
    columns, known = np.zeros((len(news), 7)), ~np.isnan(bid_size)
    flow, updates, move, variance = news[known].T
    step, rms2000 = step[known], rms2000[known]
    flow = np.tanh(flow / (ewma((bid_size + ask_size)[known], 2000) + 1e-12))
    columns[known] = np.stack([
        flow, ewma(flow, 10), 3 * ewma(flow, 50), np.tanh(move / (2 * step)), np.tanh(move / (3 * rms2000)),
        np.log1p(updates) / 3, np.log((np.sqrt(variance) + 1e-3 * rms2000) / rms2000) / 2], 1)
    return columns


def inputs(trades, gaps, news):
    price, size, side, *book = trades.T
    value, step = 1e4 * np.log(price), STEP / price * 1e4
    change = np.diff(value, prepend=value[0])
    rms20, rms200, rms2000 = (np.sqrt(ewma(change ** 2, n) + 1e-6) for n in (20, 200, 2000))
    moved, index = change != 0, np.arange(len(change))
    last_move = np.maximum.accumulate(np.where(moved, index, 0))
    log_gap, log_size = np.log(gaps + 1e-5), np.log(size + 1e-9)
    excess = log_size - ewma(log_size, 500)
    columns = np.stack([
        np.log(rms20 / rms200), np.log(rms200 / rms2000),
        np.tanh(change / (3 * rms2000)), np.tanh(change / (2 * step)), np.log1p(index - last_move) / 3,
        np.sign(change[last_move]), np.tanh((value - ewma(value, 20)) / (3 * rms2000)),
        np.tanh((value - ewma(value, 200)) / (10 * rms2000)), ewma(np.sign(change), 10), ewma(moved.astype(float), 20),
        log_gap / 4, (ewma(log_gap, 10) - ewma(log_gap, 200)) / 2,
        side, excess / 3, ewma(side, 10), ewma(side * np.exp(np.clip(excess, -3, 3)), 50) / 3], 1)
    flows = flow_columns(news, book[1], book[3], step, rms2000)
    return np.hstack([columns, book_columns(*book, price, step, rms2000), flows]).clip(-5, 5)


def scales(price):
    value = 1e4 * np.log(price)
    change = np.diff(value, prepend=value[0])
    one, mean = np.empty(len(value)), 0.
    for k, square in enumerate(change ** 2):
        mean += (square - mean) / min(k + 1, 300)
        one[k] = mean
    out = np.empty((len(value), len(HORIZONS)))
    for k, h in enumerate(HORIZONS):
        squares = (value[h:] - value[:-h]) ** 2
        out[:h, k] = np.sqrt(h * one[:h])
        out[h:, k] = np.sqrt(.5 * ewma(squares, max(2000, 10 * h)) + .5 * ewma(squares, max(300, 3 * h)))
    return np.maximum(out, (STEP / price * 1e4 / 4)[:, None])


def line(record):
    cells = [record["kind"], record["timeNs"], *(record.get(name, "") for name in ("price", "size", "side")),
             *(record["book"] or [""] * 4)]
    return ",".join(cell if isinstance(cell, str) else repr(cell) for cell in cells)


def main():
    records = tape(np.random.default_rng(SEED))
    trades, gaps = trades_with_book(records)
    x, sigma = inputs(trades, gaps, book_news(records)), scales(trades[:, 0])
    at = [k for k in range(len(trades)) if k < 20 or k % 6 == 0 or k == len(trades) - 1]
    golden = {"python": platform.python_version(), "numpy": np.__version__, "seed": SEED, "step": STEP, "horizons": HORIZONS,
              "tape": [line(r) for r in records], "expected": [{"event": k, "inputs": x[k].tolist(), "scales": sigma[k].tolist()} for k in at]}
    Path(__file__).with_name("tick-features.json").write_text(json.dumps(golden))


if __name__ == "__main__":
    main()
