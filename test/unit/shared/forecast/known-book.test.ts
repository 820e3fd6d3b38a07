import { expect, test } from 'vitest';
import { KnownBook } from '#shared/forecast/known-book.ts';
import type { Book } from '#shared/market/tick.ts';

const FIRST: Book = { bid: 100, bidSize: 5, ask: 102, askSize: 7 };

/** The news of one span in which these books came, after FIRST was known at the event before. */
function newsOf(books: readonly Book[], isPrice = false) {
  const known = new KnownBook(isPrice);
  const state = new Float64Array(3 + known.slots);
  const news = { flow: 0, updates: 0, middleChange: 0, middleVariance: 0 };
  known.begin(state, 3);
  known.take(state, 3, FIRST);
  known.takeNews(state, 3, news);
  for (const book of books) known.take(state, 3, book);
  known.takeNews(state, 3, news);
  return news;
}

test.each<[string, Partial<Book>, number]>([
  ['more at the bid', { bidSize: 9 }, 4],
  ['more at the ask', { askSize: 9 }, -2],
  ['a higher bid counts whole', { bid: 101, bidSize: 3 }, 3],
  ['a lower bid takes away what stood there', { bid: 99, bidSize: 3 }, -5],
  ['a lower ask counts whole', { ask: 101, askSize: 4 }, -4],
  ['a higher ask takes away what stood there', { ask: 103, askSize: 4 }, 7],
])('order flow: %s', (_, change, flow) => {
  expect(newsOf([{ ...FIRST, ...change }])).toMatchObject({ flow, updates: 1 });
});

test('a book that is told once more is no update, and the first one no news', () => {
  expect(newsOf([FIRST, { ...FIRST }])).toMatchObject({ flow: 0, updates: 0, middleChange: 0 });
  const known = new KnownBook(true);
  const state = new Float64Array(known.slots);
  const news = { flow: 1, updates: 1, middleChange: 1, middleVariance: 1 };
  known.begin(state, 0);
  expect(known.isKnown(state, 0)).toBe(false);
  known.take(state, 0, FIRST);
  known.takeNews(state, 0, news);
  expect(known.isKnown(state, 0)).toBe(true);
  expect(news).toEqual({ flow: 0, updates: 0, middleChange: 0, middleVariance: 0 });
});

test('the updates of a span add up, and the next span begins at nothing', () => {
  const up = { ...FIRST, bid: 101, ask: 103 };
  const news = newsOf([up, FIRST, up]);
  // Mean of the squares of the first moves, one unit each.
  expect(news).toMatchObject({ updates: 3, middleChange: 1, middleVariance: 1 });
});

test('a price moves in basis points of log return', () => {
  const { middleChange } = newsOf([{ ...FIRST, bid: 101, ask: 103 }], true);
  expect(middleChange).toBeCloseTo(1e4 * Math.log(102 / 101), 9);
});
