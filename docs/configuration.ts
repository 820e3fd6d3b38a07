import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { distributedSettings } from '#services/distributed/config.ts';
import { soloSettings } from '#services/solo/config.ts';
import { isSetting, type Schema, settingsOf } from '#shared/runtime/setting.ts';
import { settingsTable } from '#shared/runtime/settings-table.ts';

const TITLES: Readonly<Record<string, string>> = {
  ingest: 'ingest: where ticks come from',
  predict: 'predict: the fold',
  train: 'train: learning',
  serve: 'serve: HTTP, WebSocket and dashboard',
};

/** docs/configuration.md, made from the schemas that the services read. */
export function configurationPage(): string {
  const own = Object.entries(soloSettings).filter(([, entry]) => isSetting(entry));
  const groups = Object.entries(soloSettings).filter(([, entry]) => !isSetting(entry));
  const common = new Set(settingsOf(soloSettings).map(({ name }) => name));
  const more = settingsOf(distributedSettings).filter(({ name }) => !common.has(name));
  return [
    '# Configuration',
    '',
    '<!-- Made by `node docs/configuration.ts` from services/*/config.ts; a test says when it is stale. -->',
    '',
    'Settings are environment variables; `foretick solo`, `ingest`, `predict`, `train` and `serve` take each as a flag too',
    '(`FORETICK_LOG_LEVEL` is `--log-level`), secrets excepted, and a flag wins. An empty variable counts as absent. A name with our prefix that is not listed here, and a value out of its bounds,',
    'end the start with exit code 2; all problems are told together. `foretick replay` reads the same settings; what is special to',
    'a replay are its flags (`foretick replay --help`).',
    '',
    '`FORETICK_DATASETS` (default `../shared/data`) says where tests and benchmarks find recorded data; no service reads it.',
    '',
    '## The run',
    '',
    settingsTable(Object.fromEntries(own)),
    ...groups.flatMap(([key, group]) => [
      '',
      `## ${TITLES[key] ?? key}`,
      '',
      settingsTable(group as Schema),
    ]),
    '',
    '## Services as processes of their own',
    '',
    '`ingest`, `predict`, `train` and `serve` on Kafka and Redis all read the settings above, `FORETICK_DATA_DIR` and',
    '`FORETICK_RETAIN_RECORDS` excepted, and these: one environment serves all four. `FORETICK_PARTITIONS` is 16 there by default.',
    'Tests take `FORETICK_KAFKA_BROKERS` and `FORETICK_REDIS_URL` for brokers to test with; where absent they start their own.',
    '',
    settingsTable(Object.fromEntries(more.map((setting) => [setting.name, setting]))),
    '',
  ].join('\n');
}

if (import.meta.main) {
  writeFileSync(resolve(import.meta.dirname, 'configuration.md'), configurationPage());
}
