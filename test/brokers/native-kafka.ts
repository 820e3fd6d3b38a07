import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_MS = 60_000;
const FETCH_MS = 300_000;
const HEAP = '512m';
const PACKAGES = [
  ['org.apache.kafka', 'kafka_2.13', '4.4.0'],
  ['org.apache.logging.log4j', 'log4j-core', '2.25.3'],
  ['org.apache.logging.log4j', 'log4j-slf4j-impl', '2.25.3'],
] as const;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>foretick</groupId><artifactId>kafka-for-tests</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${PACKAGES.map(
  ([group, artifact, version]) =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
).join('')}</dependencies></project>
`;

/** Why no broker can be started here; null where one can. */
export function whyNoNativeKafka(): string | null {
  for (const [tool, flag] of [
    ['java', '-version'],
    ['mvn', '-v'],
  ]) {
    if (spawnSync(tool, [flag]).status !== 0) return `${tool} is not installed`;
  }
  return null;
}

/** The jars of the broker, fetched by Maven once per recipe. @returns their folder */
export function kafkaJars(): string {
  const hash = createHash('sha256').update(POM).digest('hex').slice(0, 12);
  const folder = join(homedir(), '.cache', 'foretick', `kafka-${hash}`);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  writeFileSync(join(fresh, 'pom.xml'), POM);
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

/** One KRaft broker on free ports of loopback, its data in a folder of its own. */
export class NativeKafka {
  readonly address: string;
  readonly #folder: string;
  readonly #jars: string;
  #process: ChildProcess | null = null;

  constructor(folder: string, jars: string, port: number) {
    this.#folder = folder;
    this.#jars = jars;
    this.address = `127.0.0.1:${port}`;
  }

  static async start(): Promise<NativeKafka> {
    const jars = kafkaJars();
    const folder = await mkdtemp(join(tmpdir(), 'foretick-kafka-'));
    const [port, controllerPort] = await freePorts();
    const kafka = new NativeKafka(folder, jars, port);
    writeFileSync(kafka.#path('server.properties'), properties(folder, port, controllerPort));
    writeFileSync(kafka.#path('log4j2.properties'), LOGGING);
    const id = createHash('sha256').update(folder).digest().subarray(0, 16).toString('base64url');
    const format = ['format', '-t', id, '-c', kafka.#path('server.properties')];
    const { status, stderr } = spawnSync('java', kafka.#java('kafka.tools.StorageTool', format), {
      encoding: 'utf8',
    });
    if (status !== 0)
      throw new Error(`the storage must be formatted, ended with ${status}: ${stderr}`);
    await kafka.begin();
    return kafka;
  }

  /** Starts it over the data that it has. */
  async begin(): Promise<void> {
    const output = openSync(this.#path('output.txt'), 'a');
    const command = this.#java('kafka.Kafka', [this.#path('server.properties')]);
    const child = spawn('java', command, { stdio: ['ignore', output, output] });
    this.#process = child;
    const deadline = performance.now() + START_MS;
    while (!(await accepts(this.address))) {
      if (child.exitCode !== null || performance.now() > deadline) {
        const text = readFileSync(this.#path('output.txt'), 'utf8').slice(-3_000);
        throw new Error(`Kafka must start within ${START_MS} ms: ${text}`);
      }
      await sleep(100);
    }
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === null) return;
    this.#process = null;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #java(main: string, more: readonly string[]): string[] {
    const logging = `-Dlog4j2.configurationFile=${this.#path('log4j2.properties')}`;
    const heap = [`-Xmx${HEAP}`, '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    return [...heap, logging, '-cp', join(this.#jars, '*'), main, ...more];
  }
}

function properties(folder: string, port: number, controllerPort: number): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${join(folder, 'kafka')}
num.partitions=1
auto.create.topics.enable=false
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.flush.interval.messages=9223372036854775807
log.cleaner.dedupe.buffer.size=10485760
num.network.threads=2
num.io.threads=4
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
`;
}

const LOGGING = `rootLogger.level=warn
rootLogger.appenderRef.out.ref=OUT
appender.out.type=Console
appender.out.name=OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d %p %c: %m%n
`;

async function freePorts(): Promise<[number, number]> {
  const servers = await Promise.all(
    [0, 0].map(async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [ports[0], ports[1]];
}

async function accepts(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  return connected;
}
