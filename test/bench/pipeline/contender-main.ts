import { soloSettings } from '#services/solo/config.ts';
import { forecasterSettingsOf } from '#services/solo/forecaster-settings-of.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { recordedTape } from '../recorded-tape.ts';
import { timeByPart } from '../time-by-part.ts';
import type { Contender, ContenderName, Drained, Order, Place } from './contender.ts';
import { kafkajsPassThrough } from './kafkajs-pass-through.ts';
import { constantFold, makeForecasts } from './made-forecasts.ts';
import { passThrough } from './pass-through.ts';
import { PIPELINE_PARTS } from './pipeline-parts.ts';
import { TickSupply } from './tick-supply.ts';
import { wholePipeline } from './whole-pipeline.ts';
import { withTraining } from './with-training.ts';

const MADE_TICKS = 20_000;
const CONFIG = readSettings(soloSettings, {});
const SETTINGS = forecasterSettingsOf(CONFIG);

let contender: Contender | null = null;

process.on('message', (order: Order) => {
  void obey(order).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? error.stack : `${error}` }),
  );
});

// Without whoever gives the orders it would look for its brokers for ever.
process.on('disconnect', () => process.exit());

async function obey(order: Order): Promise<Drained | null> {
  if (order.do === 'open') {
    contender = await open(order.name, order.place);
    return null;
  }
  if (contender === null) throw new Error('a contender must be opened first');
  if (order.do === 'drain') return drain(contender, order.ends.map(BigInt), order.isProfiled);
  if (order.do === 'start') await contender.start(() => undefined);
  else await contender.stop();
  return null;
}

async function open(name: ContenderName, place: Place): Promise<Contender> {
  const tape = await recordedTape();
  if (tape === null) throw new Error('recorded ticks must be there, were not');
  if (name === 'lstm') return wholePipeline(place, SETTINGS);
  if (name === 'lstm, training') {
    return withTraining(place, CONFIG.train, SETTINGS, await wholePipeline(place, SETTINGS));
  }
  const supply = new TickSupply(tape, 1);
  const ticks = supply.take(MADE_TICKS).map(({ value }) => value);
  const made = makeForecasts(ticks, SETTINGS);
  if (name === 'pass-through, kafkajs') return kafkajsPassThrough(place, made);
  if (name === 'pass-through, our adapter') return passThrough(place, made);
  return wholePipeline(place, SETTINGS, constantFold(made));
}

async function drain(
  running: Contender,
  ends: readonly bigint[],
  isProfiled: boolean,
): Promise<Drained> {
  let from = 0;
  await running.start(() => {
    if (from === 0) from = performance.now();
  });
  let parts: ReadonlyMap<string, number> = new Map();
  const work = () => running.reached(ends);
  if (isProfiled) parts = await timeByPart(PIPELINE_PARTS, work);
  else await work();
  const ms = performance.now() - from;
  await running.stop();
  return { ms, parts: [...parts] };
}
