import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PULL_MS = 300_000;
const ANSWER_MS = 120_000;
const COMPOSE = join(import.meta.dirname, '../../docker-compose.yml');

export type BrokerName = 'kafka' | 'redis';

/** Where a test's brokers come from, in the order in which they are looked for. */
export type BrokerSource =
  | { readonly from: 'environment'; readonly address: string }
  | { readonly from: 'docker'; readonly image: string }
  | { readonly from: 'native' }
  | { readonly from: 'nowhere'; readonly reason: string };

const GIVEN = { kafka: 'FORETICK_KAFKA_BROKERS', redis: 'FORETICK_REDIS_URL' };
const TOOLS = { kafka: ['java', 'mvn'], redis: ['redis-server'] };

/** Brokers that many tests may use at once, each with names of its own. */
export function findShared(name: BrokerName): BrokerSource {
  const address = process.env[GIVEN[name]] ?? '';
  return address === '' ? findOwn(name) : { from: 'environment', address };
}

/**
 * A broker that the test may kill.
 * @throws Error in CI, where none can be started from an image: a test that never runs is no test
 */
export function findOwn(name: BrokerName): BrokerSource {
  const image = imageOf(name);
  if (image !== null) return { from: 'docker', image };
  const why = `no Docker with an image of ${name}: start dockerd, and run infra/images/build where none can be pulled`;
  if (process.env['CI'] !== undefined) throw new Error(`CI must have ${name} to test with: ${why}`);
  const missing = TOOLS[name].find((tool) => !runs(tool));
  if (missing === undefined) return { from: 'native' };
  return { from: 'nowhere', reason: `no ${GIVEN[name]}; ${why}; no ${missing} on the PATH` };
}

/** Why a test that needs these cannot run here; null where it can. */
export function whyNone(...sources: readonly BrokerSource[]): string | null {
  return sources.find((source) => source.from === 'nowhere')?.reason ?? null;
}

const images = new Map<BrokerName, string | null>();

/** Named by the environment, or official and here, or built here, or official and pulled. */
function imageOf(name: BrokerName): string | null {
  const known = images.get(name);
  if (known !== undefined) return known;
  const found = findImage(name);
  images.set(name, found);
  return found;
}

function findImage(name: BrokerName): string | null {
  if (docker(['version']) !== 0) return null;
  const variable = `FORETICK_${name.toUpperCase()}_IMAGE`;
  const wanted = process.env[variable] ?? '';
  if (wanted !== '') return wanted;
  const official = officialImage(variable);
  const present = [official, `foretick/${name}:local`].find(
    (image) => docker(['image', 'inspect', image]) === 0,
  );
  if (present !== undefined) return present;
  return docker(['pull', '--quiet', official], PULL_MS) === 0 ? official : null;
}

/** The tests run what Compose runs. */
function officialImage(variable: string): string {
  const image = new RegExp(`\\$\\{${variable}:-([^}]+)\\}`).exec(readFileSync(COMPOSE, 'utf8'));
  if (image === null) throw new Error(`${COMPOSE} must name a default for ${variable}`);
  return image[1];
}

function docker(command: readonly string[], timeout = ANSWER_MS): number | null {
  return spawnSync('docker', command, { stdio: 'ignore', timeout }).status;
}

function runs(tool: string): boolean {
  return spawnSync(tool, ['--version'], { stdio: 'ignore' }).error === undefined;
}
