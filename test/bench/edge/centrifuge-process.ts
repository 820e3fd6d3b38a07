import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { forecastJson, placedForecast } from '#services/serve/wire-forecast.ts';
import type { EdgeCase, ServerAnswer } from './edge-case.ts';
import type { ServerProcess } from './server-process.ts';

/**
 * It is given texts to publish: decoding a forecast and writing its text, which the servers of edge-server.ts do, is with
 * Centrifugo the work of who publishes, and so is done in this process.
 */
export async function startCentrifuge(program: string, what: EdgeCase): Promise<ServerProcess> {
  const flags = [`-deflate=${what.deflate === true}`, `-idle=${what.isIdle === true}`];
  const child = spawn(program, flags, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const send = (text: string): void => {
    const message = Buffer.from(text);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(message.length);
    if (child.stdin.writable) child.stdin.write(Buffer.concat([head, message]));
  };
  const gather = gathered(what.publishes ?? 1, send);
  const { port } = await answerOf(lines, 'listening');
  return {
    port,
    give: ({ entries }) => {
      for (const { src, prev, forecasts } of entries) {
        const placed = placedForecast(forecasts[0], { partition: 0, src, prev }, null);
        gather(Buffer.from(forecastJson(placed, 0)).toString('latin1'));
      }
    },
    mark: () => {
      send('');
      return answerOf(lines, 'marked');
    },
    end: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** One text as it is, several as an array. */
function gathered(count: number, send: (text: string) => void): (text: string) => void {
  if (count === 1) return send;
  let texts: string[] = [];
  return (text) => {
    texts.push(text);
    if (texts.length < count) return;
    send(`[${texts.join()}]`);
    texts = [];
  };
}

async function answerOf<K extends ServerAnswer['kind']>(
  lines: AsyncIterator<string>,
  kind: K,
): Promise<Extract<ServerAnswer, { kind: K }>> {
  const { value, done } = await lines.next();
  const answer = done === true ? null : (JSON.parse(value) as ServerAnswer);
  if (answer?.kind === kind) return answer as Extract<ServerAnswer, { kind: K }>;
  throw new Error(`centrifuge was to answer '${kind}', and answered ${value}`);
}
