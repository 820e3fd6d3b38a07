import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KafkaBroker } from './broker.ts';
import { freePorts } from './free-port.ts';
import { ownProcess } from './own-process.ts';

const FETCH_MS = 300_000;
const INFRA = join(import.meta.dirname, '../../infra');
const RECIPE = join(INFRA, 'images/kafka');
const CACHE = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');

/** The jars of the broker, fetched by Maven once per recipe; infra/images/build has them from the same folder. */
function kafkaJars(): string {
  const pom = join(RECIPE, 'pom.xml');
  const hash = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const folder = join(CACHE, 'foretick', `kafka-${hash}`);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  cpSync(pom, join(fresh, 'pom.xml'));
  const goal = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=.'];
  const { status, stdout, stderr } = spawnSync('mvn', goal, {
    cwd: fresh,
    encoding: 'utf8',
    timeout: FETCH_MS,
  });
  if (status !== 0)
    throw new Error(`mvn must fetch Kafka, ended with ${status}: ${stdout}${stderr}`);
  try {
    renameSync(fresh, folder);
  } catch (error) {
    // Another run was quicker.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

export interface NativeKafkaOptions {
  readonly settings: Readonly<Record<string, string>>;
  /** @throws while the address does not answer yet */
  readonly ask: (address: string) => Promise<void>;
}

/** One KRaft broker on free ports of loopback, its files in a folder of its own. */
export async function startNativeKafka(options: NativeKafkaOptions): Promise<KafkaBroker> {
  const jars = kafkaJars();
  const folder = await mkdtemp(join(tmpdir(), 'foretick-kafka-'));
  const [port, controllerPort] = await freePorts(2);
  const address = `127.0.0.1:${port}`;
  const controller = `127.0.0.1:${controllerPort}`;
  const settings = join(folder, 'server.properties');
  const own = {
    ...options.settings,
    listeners: `PLAINTEXT://${address},CONTROLLER://${controller}`,
    'advertised.listeners': `PLAINTEXT://${address}`,
    'controller.quorum.voters': `1@${controller}`,
    'log.dirs': join(folder, 'kafka'),
  };
  const lines = Object.entries(own).map(([name, value]) => `${name}=${value}\n`);
  const shipped = readFileSync(join(INFRA, 'kafka/server.properties'), 'utf8');
  writeFileSync(settings, `${shipped}\n${lines.join('')}`);
  const java = [
    ...['-Xmx512m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
    `-Dlog4j2.configurationFile=${join(RECIPE, 'log4j2.properties')}`,
    ...['-cp', join(jars, '*')],
  ];
  format(java, folder, settings);
  const server = ownProcess({
    program: 'java',
    command: [...java, 'kafka.Kafka', settings],
    output: join(folder, 'output.txt'),
    ask: () => options.ask(address),
  });
  await server.start();
  const remove = async (): Promise<void> => {
    await server.kill();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...server, remove, address };
}

function format(java: readonly string[], folder: string, settings: string): void {
  const id = createHash('sha256').update(folder).digest().subarray(0, 16).toString('base64url');
  const command = [...java, 'kafka.tools.StorageTool', 'format', '-t', id, '-c', settings];
  const { status, stderr } = spawnSync('java', command, { encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`the storage must be formatted, ended with ${status}: ${stderr}`);
}
