import { expect, test } from 'vitest';
import { plainAnswer } from '#services/serve/http/answer.ts';
import { KeptAnswers } from '#services/serve/http/kept-answers.ts';

const MIB = 2 ** 20;

test('an answer is made once a second, however many ask', () => {
  const { ask, time, made } = some();
  for (const nowMs of [0, 500, 999, 1_000, 1_500]) {
    time.nowMs = nowMs;
    ask('symbols');
  }
  expect(made()).toBe(2);
});

test('who may see something else gets an answer of its own', () => {
  const { ask } = some();
  expect([ask('symbols *'), ask('symbols a'), ask('symbols *')].map(({ body }) => body)).toEqual([
    'symbols * 0\n',
    'symbols a 0\n',
    'symbols * 0\n',
  ]);
});

test('neither many answers nor large ones are all kept', () => {
  const many = some();
  for (let k = 0; k < 100; k += 1) many.ask(`symbols ${k}`);
  many.ask('symbols 0');
  expect(many.made()).toBe(101);
  const large = some('x'.repeat(10 * MIB));
  for (const key of 'abcdefgg') large.ask(key);
  expect(large.made()).toBe(7);
  large.ask('a');
  expect(large.made()).toBe(8);
});

test('what is out of date takes no room', () => {
  const { ask, time, made } = some('x'.repeat(30 * MIB));
  ask('a');
  time.nowMs = 1_000;
  for (const key of 'bcbc') ask(key);
  expect(made()).toBe(3);
});

function some(padding = '') {
  const time = { nowMs: 0 };
  let madeCount = 0;
  const kept = new KeptAnswers(() => time.nowMs);
  const ask = (key: string) =>
    kept.answer(key, () => {
      madeCount += 1;
      return plainAnswer(200, `${key} ${time.nowMs}${padding}`);
    });
  return { ask, time, made: () => madeCount };
}
