import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type Gateway, startGateway } from './a-gateway.ts';
import { launchChromium } from './chromium.ts';
import { aClientPackage } from './client-package.ts';

export interface PackageSiteOptions {
  readonly executablePath: string;
  readonly page: (streamUrl: string) => string;
  /** Modules that are not the package's; null for the others. */
  readonly moduleAt?: (path: string) => Promise<string> | null;
}

/** The client's built package on a site, a gateway for it to listen to, and a browser that opens it. */
export interface PackageSite {
  readonly gateway: Gateway;
  /** The page, and what goes wrong on it from now on. */
  open(): Promise<{ readonly page: Page; readonly problems: readonly string[] }>;
  stop(): Promise<void>;
}

export async function aPackageSite(options: PackageSiteOptions): Promise<PackageSite> {
  const { executablePath, page, moduleAt = () => null } = options;
  const built = await aClientPackage();
  const gateway = await startGateway({ steps: 10 });
  const answer = async (path: string): Promise<string> =>
    path === '/'
      ? page(gateway.streamUrl)
      : (moduleAt(path) ?? readFile(join(built.folder, path), 'utf8'));
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    response.setHeader('content-type', path === '/' ? 'text/html' : 'text/javascript');
    answer(path).then(
      (text) => response.end(text),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const browser = await launchChromium(executablePath);
  return {
    gateway,
    open: async () => {
      const opened = await browser.newPage();
      const problems: string[] = [];
      opened.on('pageerror', (error) => problems.push(error.message));
      await opened.goto(`http://127.0.0.1:${port}/`);
      return { page: opened, problems };
    },
    stop: async () => {
      await browser.close();
      server.close();
      await gateway.stop();
      await built.remove();
    },
  };
}
