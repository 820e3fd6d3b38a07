import { spawn, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { findOwn } from '#test/brokers/broker-source.ts';
import { freePorts } from '#test/brokers/free-port.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** The command line of Compose that this machine has; null where it has none. */
export function findCompose(): readonly string[] | null {
  const known = [['docker', 'compose'], ['docker-compose']];
  const has = ([program, ...more]: readonly string[]) =>
    spawnSync(program, [...more, 'version'], { stdio: 'ignore' }).status === 0;
  return known.find(has) ?? null;
}

/** docker-compose.yml as a user brings it up, in a project, with volumes and on a port of its own. */
export class RunningCompose {
  readonly port: number;
  readonly #compose: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(compose: readonly string[], port: number, images: Record<string, string>) {
    this.port = port;
    this.#compose = [...compose, '-p', `foretick-tests-${process.pid}`];
    this.#environment = {
      ...images,
      FORETICK_PORT: `${port}`,
      FORETICK_PARTITIONS: '4',
      FORETICK_SIM_HISTORY_TICKS: '6000',
    };
  }

  /** On the images that are pulled, or on those that are made here where none can be. */
  static async start(compose: readonly string[]): Promise<RunningCompose> {
    const [kafka, redis] = [findOwn('kafka'), findOwn('redis')];
    if (kafka.from !== 'docker' || redis.from !== 'docker') throw new Error('there is no Docker');
    const isMadeHere = kafka.image.startsWith('foretick/');
    if (isMadeHere) await run(['infra/images/build'], {});
    const service = isMadeHere ? 'foretick/foretick:local' : 'foretick-tests';
    const [port] = await freePorts(1);
    const running = new RunningCompose(compose, port, {
      FORETICK_KAFKA_IMAGE: kafka.image,
      FORETICK_REDIS_IMAGE: redis.image,
      FORETICK_IMAGE: service,
    });
    try {
      await running.up(isMadeHere ? ['--no-build'] : ['--build']);
      return running;
    } catch (error) {
      const said = await running.logs();
      await running.remove();
      throw new Error(`${error}\n${said}`);
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get streamUrl(): string {
    return `ws://127.0.0.1:${this.port}/v1/stream`;
  }

  /** Also what changes a running one: `--scale`. */
  async up(more: readonly string[] = []): Promise<void> {
    await this.#run(['up', '--detach', ...more]);
  }

  /** All containers at once, as the power going out. */
  async kill(): Promise<void> {
    await this.#run(['kill']);
  }

  /** The newest of what all services wrote. */
  logs(): Promise<string> {
    return this.#run(['logs', '--no-color', '--tail=200']);
  }

  /** All that one service wrote, in every process that it had. */
  logsOf(service: string): Promise<string> {
    return this.#run(['logs', '--no-color', service]);
  }

  /** Stopped as an operator stops it, and forgotten. */
  async remove(): Promise<void> {
    await this.#run(['down', '--volumes', '--timeout', '20']);
  }

  #run(command: readonly string[]): Promise<string> {
    return run([...this.#compose, ...command], this.#environment);
  }
}

/** @throws Error with all it said when it does not end with 0 */
async function run(
  [program, ...more]: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(program, more, {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const { promise, resolve: done, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject).once('close', (code) => done(code));
  const code = await promise;
  if (code === 0) return said;
  throw new Error(`${program} ${more.join(' ')} must end with 0, ended with ${code}: ${said}`);
}
