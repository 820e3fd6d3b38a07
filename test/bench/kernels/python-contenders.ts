import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Contender, Opened, StepCase, TrainingCase } from './lstm-case.ts';
import { onnxLstm } from './onnx-model.ts';

/** Python's peers: one process that sleeps on its pipe while others have their turn. */
export interface PythonPeers {
  readonly python: string;
  readonly contenders: readonly Contender[];
  /** What could not be imported, with Python's reason. */
  readonly missing: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const NAMES = {
  torch: 'PyTorch',
  numpy: 'NumPy',
  jax: 'JAX',
  onnxruntime: 'onnxruntime Python',
} as const;
type PeerName = keyof typeof NAMES;

interface About {
  readonly python: string;
  readonly versions: Readonly<Partial<Record<PeerName, string>>>;
  readonly missing: Readonly<Record<string, string>>;
}

/**
 * @param command the Python to run, where its peers can be imported
 * @throws Error where there is no such Python
 */
export async function openPython(command: string): Promise<PythonPeers> {
  const pipe = await openPipe(command);
  const about = await pipe.ask<About>({ verb: 'about' });
  const canTalk = about.versions.numpy !== undefined;
  const found = (Object.keys(NAMES) as PeerName[]).filter(
    (peer) => canTalk && about.versions[peer] !== undefined,
  );
  return {
    python: about.python,
    missing: about.missing,
    close: () => pipe.close(),
    contenders: found.map((peer) => ({
      name: NAMES[peer],
      version: about.versions[peer] ?? '',
      open: (of) => openPeer(pipe, peer, of),
    })),
  };
}

let opened = 0;

async function openPeer(
  pipe: Pipe,
  peer: PeerName,
  of: StepCase | TrainingCase,
): Promise<Opened | null> {
  opened++;
  const id = opened;
  const answer = await pipe.ask<{ opened: boolean }>({ verb: 'open', id, peer, case: packed(of) });
  if (!answer.opened) return null;
  return {
    async outputs() {
      const found = await pipe.ask<Record<string, string>>({ verb: 'outputs', id });
      return Object.fromEntries(Object.entries(found).map(([name, text]) => [name, floats(text)]));
    },
    run: async (iterations) => (await pipe.ask<{ ns: number }>({ verb: 'run', id, iterations })).ns,
    async close() {
      await pipe.ask({ verb: 'close', id });
    },
  };
}

function packed(of: StepCase | TrainingCase): object {
  const arrays = Object.entries(of).map(([name, value]) => [
    name,
    value instanceof Float32Array ? base64(value) : value,
  ]);
  const rest: object = Object.fromEntries(arrays);
  if (of.kind === 'training') return rest;
  const model = Buffer.from(onnxLstm(of)).toString('base64');
  return { ...rest, inputs: of.inputs.map(base64), model };
}

function base64(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

function floats(text: string): Float32Array {
  // A copy: a Buffer's bytes need not begin where a float32 may.
  return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
}

interface Pipe {
  ask<Answer>(request: object): Promise<Answer>;
  close(): Promise<void>;
}

async function openPipe(command: string): Promise<Pipe> {
  const script = join(import.meta.dirname, 'python-peers.py');
  const child = spawn(command, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child, 'spawn');
  const { stdin, stdout } = child;
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return {
    async ask(request) {
      stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`${command} ended before it answered`);
      const { answer, error } = JSON.parse(value);
      if (error !== undefined) throw new Error(`python: ${error}`);
      return answer;
    },
    async close() {
      stdin.end();
      await exited(child);
    },
  };
}

async function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) await once(child, 'exit');
}
