import type { Connection } from '#services/serve/client-session.ts';
import type { Actor } from './actor.ts';
import type { Scheduler } from './scheduler.ts';

/** The server's end: told of each request, and of the end. */
export interface Peer {
  readonly actor: Actor;
  receive(text: string): void;
  end(): void;
}

export interface SocketEnds {
  readonly scheduler: Scheduler;
  readonly client: Actor;
  /** Takes the connection; null where nobody listens. */
  readonly accept: (connection: Connection) => Peer | null;
}

interface SocketEvent {
  readonly data?: string | undefined;
  readonly code?: number;
  readonly reason?: string;
}

type Heard = (event: SocketEvent) => void;

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;
const LATENCY_MS = 12;
const ABNORMAL = 1006;

/**
 * A WebSocket without a network, with all that the client uses of one. Frames of one direction keep their order; the connection
 * may be cut at any moment, and then only the frames that had arrived were heard.
 */
export class SimulatedSocket {
  readyState = CONNECTING;
  /** What the server's session is given. */
  readonly serverEnd: Connection = {
    encoding: 'json',
    send: ({ payload }) => this.#sendToClient(Buffer.from(payload).toString()),
    bufferedBytes: () => this.#unread(),
    unsentBytes: () => this.#unread(),
    close: (code, reason) => {
      this.#hangUp();
      this.#later('hears the close', this.#ends.client, () => this.#lose(code, reason));
    },
  };
  readonly #ends: SocketEnds;
  readonly #heard = new Map<string, Heard[]>();
  readonly #toClient: string[] = [];
  readonly #toServer: string[] = [];
  #peer: Peer | null = null;
  #isHungUp = false;

  constructor(ends: SocketEnds) {
    this.#ends = ends;
    this.#later('connects', ends.client, () => this.#open());
  }

  /** Null once either end has hung up. */
  get peer(): Peer | null {
    return this.#peer;
  }

  addEventListener(kind: 'open' | 'message' | 'close', heard: Heard): void {
    this.#heard.set(kind, [...(this.#heard.get(kind) ?? []), heard]);
  }

  send(text: string): void {
    const peer = this.#peer;
    if (peer === null) return;
    this.#toServer.push(text);
    this.#later('request arrives', peer.actor, () => {
      const request = this.#toServer.shift();
      if (request !== undefined && this.#peer !== null) peer.receive(request);
    });
  }

  close(): void {
    this.readyState = CLOSED;
    this.#hangUp();
  }

  /** The line breaks. @param isTold whether the client hears of it, or has to find out */
  cut(isTold: boolean): void {
    this.#hangUp();
    if (isTold) this.#later('loses the line', this.#ends.client, () => this.#lose(ABNORMAL, ''));
  }

  #open(): void {
    if (this.#isHungUp) return;
    this.readyState = OPEN;
    this.#peer = this.#ends.accept(this.serverEnd);
    if (this.#peer === null) this.#lose(ABNORMAL, 'refused');
  }

  #unread(): number {
    return this.#toClient.reduce((sum, { length }) => sum + length, 0);
  }

  #sendToClient(text: string): void {
    if (this.#isHungUp) return;
    this.#toClient.push(text);
    this.#later('hears a frame', this.#ends.client, () => {
      const data = this.#toClient.shift();
      if (this.readyState === OPEN) this.#tell('message', { data });
    });
  }

  #hangUp(): void {
    this.#isHungUp = true;
    const peer = this.#peer;
    this.#peer = null;
    peer?.end();
  }

  #lose(code: number, reason: string): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#hangUp();
    this.#tell('close', { code, reason });
  }

  #tell(kind: 'message' | 'close', event: SocketEvent): void {
    for (const heard of this.#heard.get(kind) ?? []) heard(event);
  }

  #later(label: string, actor: Actor, act: () => void): void {
    const { scheduler, client } = this.#ends;
    scheduler.later(scheduler.pick(LATENCY_MS), `${client.name} ${label}`, act, actor);
  }
}
