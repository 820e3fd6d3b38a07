import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';
import { answers } from './answers.ts';
import type { Broker } from './broker.ts';
import { OWNER_LABEL } from './left-containers.ts';

const START_MS = 240_000;

export interface ContainerOptions {
  readonly image: string;
  readonly port: { readonly container: number; readonly host: number };
  /** Copied from the path here to the path in the container. */
  readonly files: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  /** A folder here that is a folder there; the server runs as us, so that its files are ours. */
  readonly mount?: { readonly source: string; readonly target: string };
  /** Process id of the run of tests whose container it is. */
  readonly owner: number;
  /** @throws while it does not answer yet */
  readonly ask: () => Promise<void>;
}

/** Starts a server in a container and waits for its answer. */
export async function startContainer(options: ContainerOptions): Promise<Broker> {
  // The image that sweeps up after a killed run cannot be had where ours had to be built.
  if (options.image.startsWith('foretick/')) process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  const started = await described(options).start();
  const client = await getContainerRuntimeClient();
  const container = client.container.getById(started.getId());
  const remove = (): Promise<void> => container.remove({ force: true, v: true });
  const answering = () => answers(options.ask, START_MS);
  await answering().catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    remove,
    kill: async () => {
      const { State } = await container.inspect();
      if (!State.Running) return;
      const ended = container.wait({ condition: 'not-running' });
      await container.kill({ signal: 'SIGKILL' });
      await ended;
    },
    start: async () => {
      await container.start();
      await answering();
    },
    pause: () => container.pause(),
    resume: () => container.unpause(),
  };
}

function described(options: ContainerOptions): GenericContainer {
  const { image, port, files, environment = {}, command = [], mount, owner } = options;
  const container = new GenericContainer(image)
    .withExposedPorts(port)
    .withEnvironment({ ...environment })
    .withCopyFilesToContainer(Object.entries(files).map(([source, target]) => ({ source, target })))
    .withLabels({ [OWNER_LABEL]: `${owner}` })
    // Whether it answers is asked by us, after this start and every later one.
    .withWaitStrategy(Wait.forSuccessfulCommand('true'))
    .withStartupTimeout(START_MS);
  if (command.length > 0) container.withCommand([...command]);
  if (mount !== undefined) {
    const [user, group] = [process.getuid?.(), process.getgid?.()];
    container.withBindMounts([{ ...mount }]).withUser(`${user}:${group}`);
  }
  return container;
}
