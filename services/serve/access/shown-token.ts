import type { IncomingHttpHeaders } from 'node:http';
import { TOKEN_SUBPROTOCOL } from '#shared/wire/subprotocol.ts';

/** From `Authorization: Bearer`; null without. Never from the address: addresses end up in logs and histories. */
export function headerToken(headers: IncomingHttpHeaders): string | null {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

/** From the subprotocols that a WebSocket offers; null without. */
export function subprotocolToken(headers: IncomingHttpHeaders): string | null {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  const token = offered.find((one) => one.startsWith(TOKEN_SUBPROTOCOL));
  return token?.slice(TOKEN_SUBPROTOCOL.length) ?? null;
}
