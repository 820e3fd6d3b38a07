import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { soloSettings } from '#services/solo/config.ts';
import { forecasterSettingsOf } from '#services/solo/forecaster-settings-of.ts';
import { ForecastClient } from '#shared/client/forecast-client.ts';
import { decodeForecastPack } from '#shared/forecast/forecast-record.ts';
import { FOLD_VERSION } from '#shared/forecast/forecaster.ts';
import { openEnvironment } from '#shared/log/embedded/embedded-environment.ts';
import { openEmbeddedLog } from '#shared/log/embedded/embedded-log.ts';
import { Random } from '#shared/nn/random.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { freePorts } from '#test/brokers/free-port.ts';
import { RunningSolo } from '#test/builders/running-solo.ts';
import { Witness } from '#test/builders/witness.ts';

const KILLS = 5;
const MORE_EACH_LIFE = 150;

describe('the pipeline in one process', () => {
  let dataDir: string;
  let solo: RunningSolo;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'foretick-solo-'));
    // One that stays free while the process is down.
    const [port] = await freePorts(1);
    solo = await RunningSolo.start({ dataDir, port });
  });

  afterEach(async () => {
    await solo.kill();
    await rm(dataDir, { recursive: true, force: true });
  });

  test('goes on after every kill -9, and a client that resumes sees no gap and no repeat', async () => {
    const witness = new Witness();
    const client = new ForecastClient(
      { url: solo.streamUrl, symbols: ['*'], reconnectBaseMs: 50, reconnectCapMs: 200 },
      witness,
    );
    const random = new Random(7);
    const { port } = solo;
    for (let life = 1; life <= KILLS; life += 1) {
      const wanted = witness.heard.all.length + MORE_EACH_LIFE + random.integer(40);
      await witness.heard.until((all) => all.length >= wanted, `${wanted} forecasts`);
      await solo.kill();
      solo = await RunningSolo.start({ dataDir, port });
    }
    const wanted = witness.heard.all.length + MORE_EACH_LIFE;
    await witness.heard.until((all) => all.length >= wanted, `${wanted} forecasts`);
    await client.close();
    expect(await solo.stop()).toBe(0);

    expect(witness.breaches).toEqual([]);
    expect(witness.snapshotCount).toBe(1);
    expect(await brokenLinks(dataDir)).toEqual([]);
  });

  test('a signal in the middle of its start is a drain, not a crash', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'foretick-early-'));
    const early = await RunningSolo.start({ dataDir: folder, port: 0 });
    // The address is printed when the first of the four services has started.
    expect(await early.stop()).toBe(0);
    await rm(folder, { recursive: true, force: true });
  });

  test('a second process on the same folder is told who holds it', async () => {
    await expect(RunningSolo.start({ dataDir, port: 0 })).rejects.toThrow(/LOG_LOCKED/);
  });

  test('a setting that is none ends the start with its name', async () => {
    const environment = { FORETICK_PROT: '80', FORETICK_PORT: 'http' };
    await expect(RunningSolo.start({ dataDir, port: 0, environment })).rejects.toThrow(
      /FORETICK_PROT is not a setting; did you mean FORETICK_PORT\?[\s\S]*FORETICK_PORT must be/,
    );
  });
});

/** Forecasts on the log that do not follow the one before in their partition. */
async function brokenLinks(folder: string): Promise<string[]> {
  const config = readSettings(soloSettings, {});
  const settings = { ...forecasterSettingsOf(config), foldVersion: FOLD_VERSION };
  const environment = await openEnvironment({
    folder,
    partitionCount: config.partitions,
    settings,
  });
  const log = openEmbeddedLog(environment);
  const broken: string[] = [];
  for (let partition = 0; partition < log.partitionCount; partition += 1) {
    const { start, end } = await log.bounds('forecasts', partition);
    let last = -1n;
    for await (const records of log.read('forecasts', partition, start, end)) {
      for (const { src, prev } of records.flatMap(
        ({ value }) => decodeForecastPack(value).entries,
      )) {
        if (prev !== last) broken.push(`${partition}: ${src} follows ${prev}, had ${last}`);
        last = src;
      }
    }
    expect(last).toBeGreaterThan(0n);
  }
  await environment.close();
  return broken;
}
