import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What happens to the next connection that sends what is waited for. */
type Break = 'before the request' | 'before the reply';

interface Address {
  readonly host: string;
  readonly port: number;
}

/** A TCP proxy on loopback that cuts connections at a chosen moment. */
export class BreakingProxy {
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  #breaking: { readonly at: Break; readonly text: string } | null = null;
  #broken = 0;

  private constructor(server: Server, behind: Address) {
    this.#server = server;
    server.on('connection', (client) => this.#join(client, behind));
  }

  static async to(behind: Address): Promise<BreakingProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new BreakingProxy(server, behind);
  }

  /** The same URL, by way of the proxy. */
  urlLike(behind: string): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('a port is a number');
    const url = new URL(behind);
    url.host = `127.0.0.1:${address.port}`;
    return url.href;
  }

  /** Connections cut by `breakNext`. */
  get broken(): number {
    return this.#broken;
  }

  /** Cuts the next connection that sends this text: before the server sees it, or once the server has answered it. */
  breakNext(at: Break, text: string): void {
    this.#breaking = { at, text };
  }

  cutAll(): void {
    for (const client of this.#clients) client.destroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.cutAll();
    await once(this.#server, 'close');
  }

  #join(client: Socket, { host, port }: Address): void {
    const upstream = connect(port, host);
    let isReplyLost = false;
    this.#clients.add(client);
    const end = (): void => {
      this.#clients.delete(client);
      client.destroy();
      upstream.destroy();
    };
    const cut = (): void => {
      this.#broken += 1;
      end();
    };
    client.on('data', (bytes) => {
      const breaking = this.#breaking;
      const isMeant = breaking !== null && bytes.includes(breaking.text);
      if (isMeant) this.#breaking = null;
      if (isMeant && breaking.at === 'before the request') return cut();
      if (isMeant) isReplyLost = true;
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => (isReplyLost ? cut() : client.write(bytes)));
    for (const socket of [client, upstream]) socket.on('close', end).on('error', end);
  }
}
