import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below what Linux takes for connections that go out (32768 and up): there a server that is down for a moment could find its port
 * taken by any of them, and a client that tries again and again to reach it would one day be connected to itself.
 */
const LOWEST = 12_000;
const HIGHEST = 32_000;
const TAKEN = new Set(['EADDRINUSE', 'EACCES']);

/** Ports of loopback that nobody uses at this moment, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if (TAKEN.has((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
