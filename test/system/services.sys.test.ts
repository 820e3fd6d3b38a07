import { setTimeout as sleep } from 'node:timers/promises';
import {
  afterEach,
  beforeEach,
  describe,
  expect,
  onTestFailed,
  onTestFinished,
  test,
} from 'vitest';
import { ForecastClient } from '#shared/client/forecast-client.ts';
import { findShared, whyNone } from '#test/brokers/broker-source.ts';
import { ownKafka, ownRedis, sharedKafka, sharedRedis } from '#test/brokers/brokers.ts';
import { freePorts } from '#test/brokers/free-port.ts';
import { DistributedRun } from '#test/builders/distributed-run.ts';
import type { RunningService } from '#test/builders/running-services.ts';
import { Witness } from '#test/builders/witness.ts';

const MORE = 150;
const PARTITIONS = 3;
/** Three sessions; a minute where there is time for it. */
const AWAY_MS = process.env['FORETICK_TEST_LONG'] === undefined ? 6_000 : 60_000;
const missing = whyNone(findShared('kafka'), findShared('redis'));
const skipped = missing === null ? '' : ` (skipped: ${missing})`;

/** Joins the stream of `serve` as somebody outside, who keeps the position. */
async function watch(serve: RunningService): Promise<Witness> {
  const witness = new Witness();
  const url = await serve.streamUrl();
  const reconnect = { reconnectBaseMs: 50, reconnectCapMs: 500 };
  const client = new ForecastClient({ url, symbols: ['*'], ...reconnect }, witness);
  onTestFinished(() => client.close());
  return witness;
}

function more(witness: Witness, count = MORE): Promise<void> {
  const wanted = witness.heard.all.length + count;
  return witness.heard.until((all) => all.length >= wanted, `${wanted} forecasts`);
}

describe.skipIf(missing !== null)(`the four services on Kafka and Redis${skipped}`, () => {
  let run: DistributedRun;

  beforeEach(async () => {
    const [brokers, url] = [await sharedKafka(), await sharedRedis()];
    const settings = {
      FORETICK_SIM_HISTORY_TICKS: '2000',
      FORETICK_SIM_TRADES_PER_SECOND: '40',
      FORETICK_TRAIN_EVERY_TICKS: '1500',
    };
    run = new DistributedRun({ brokers, url, partitionCount: PARTITIONS, settings });
    onTestFailed(() => console.error(run.services.saidByAll()));
  });

  afterEach(() => run.end());

  test('bring every forecast once and in order to a client outside, while predict is scaled to three and back', async () => {
    const { services } = run;
    const serve = services.start('serve');
    const witness = await watch(serve);
    const others = (['predict', 'train', 'ingest'] as const).map((name) => services.start(name));
    await Promise.all([serve, ...others].map((service) => service.ready()));
    await more(witness);

    const second = await services.start('predict').ready();
    await more(witness);
    const third = await services.start('predict').ready();
    await more(witness);
    expect(await others[0].stop()).toBe(0);
    await more(witness);
    expect(await second.stop()).toBe(0);
    await more(witness);

    for (const one of [others[2], others[1], third]) expect(await one.stop()).toBe(0);
    expect(await serve.stop()).toBe(0);
    expect(witness.breaches).toEqual([]);
    const partitions = new Set(witness.heard.all.map(({ position }) => position.partition));
    expect(partitions.size).toBeGreaterThan(1);
  });

  test('a member that gets no partition is ready too', async () => {
    const { services } = run;
    const members = Array.from({ length: PARTITIONS + 1 }, () => services.start('predict'));
    await Promise.all(members.map((member) => member.ready()));
    expect(await Promise.all(members.map((member) => member.stop()))).toEqual(members.map(() => 0));
  });

  test('each goes on where it was after a restart', async () => {
    const { services } = run;
    const [free] = await freePorts(1);
    const port = `${free}`;
    let serve = services.start('serve', { FORETICK_PORT: port });
    const witness = await watch(serve);
    const running = (['predict', 'train', 'ingest'] as const).map((name) => services.start(name));
    await Promise.all(running.map((service) => service.ready()));
    await more(witness);
    for (const [k, { name }] of running.entries()) {
      expect(await running[k].stop()).toBe(0);
      running[k] = services.start(name);
      await more(witness);
    }
    expect(await serve.stop()).toBe(0);
    serve = services.start('serve', { FORETICK_PORT: port });
    await more(witness);
    expect(witness.breaches).toEqual([]);
    expect(witness.snapshotCount).toBe(1);
  });

  test('with other settings than those of the run, a process is refused by name', async () => {
    const { services } = run;
    await services.start('ingest').ready();
    const refused = (settings: Readonly<Record<string, string>>) =>
      services.start('predict', settings).ready();
    await expect(refused({ FORETICK_HORIZONS: '1,7' })).rejects.toThrow(
      /ended with 1[\s\S]*LOG_MISMATCH[^\n]*horizons must be \[1,7\], was \[1,10,100\]/,
    );
    await expect(refused({ FORETICK_PARTITIONS: '5' })).rejects.toThrow(
      /ended with 1[\s\S]*LOG_MISMATCH[^\n]*must have 5 partitions, was 3/,
    );
    await expect(refused({ FORETICK_PARTITOINS: '4' })).rejects.toThrow(
      /ended with 2[\s\S]*FORETICK_PARTITOINS is not a setting; did you mean FORETICK_PARTITIONS/,
    );
  });

  test('a second ingest and a second train by mistake cost no forecast', async () => {
    const { services } = run;
    const serve = services.start('serve');
    const witness = await watch(serve);
    const names = ['predict', 'train', 'train', 'ingest', 'ingest'] as const;
    for (const name of names) services.start(name);
    await more(witness, 10 * MORE);
    expect(witness.breaches).toEqual([]);
  });
});

describe.skipIf(missing !== null)(`brokers that go away${skipped}`, () => {
  test('for longer than a session are waited for by all four, which then go on', async () => {
    const [kafka, redis] = await Promise.all([ownKafka(), ownRedis()]);
    const run = new DistributedRun({
      brokers: [kafka.address],
      url: redis.url,
      partitionCount: PARTITIONS,
    });
    onTestFinished(async () => {
      await run.end();
      await Promise.all([kafka.remove(), redis.remove()]);
    });
    onTestFailed(() => console.error(run.services.saidByAll()));
    const { services } = run;
    const serve = services.start('serve');
    const witness = await watch(serve);
    const others = (['predict', 'train', 'ingest'] as const).map((name) => services.start(name));
    await Promise.all(others.map((service) => service.ready()));
    await more(witness);
    for (const broker of [redis, kafka]) {
      await broker.kill();
      // The wait is what is tested.
      await sleep(AWAY_MS);
      await broker.start();
      await more(witness);
    }
    expect([serve, ...others].filter(({ isRunning }) => !isRunning)).toEqual([]);
    expect(witness.breaches).toEqual([]);
    for (const one of [...others.reverse(), serve]) expect(await one.stop()).toBe(0);
  });

  test('before a process could start are waited for until it is told to end', async () => {
    const settings = { FORETICK_KAFKA_BROKERS: '127.0.0.1:9' };
    const run = new DistributedRun({
      ...{ brokers: ['127.0.0.1:9'], url: 'redis://127.0.0.1:9', partitionCount: 1, settings },
    });
    onTestFinished(() => run.end());
    const predict = run.services.start('predict');
    const health = await predict.url();
    expect((await fetch(`${health}/healthz`)).status).toBe(200);
    expect((await fetch(`${health}/readyz`)).status).toBe(503);
    expect(await predict.stop()).toBe(0);
    expect(predict.said).toContain('signal received before the service had started');
    const impatient = run.services.start('predict', { FORETICK_PATIENCE_SECONDS: '1' });
    expect(await impatient.exited()).toBe(1);
    expect(impatient.said).toContain('LOG_UNAVAILABLE');
  });
});
