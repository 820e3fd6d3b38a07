import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isOurOrigin } from '../loopback.ts';
import { type Answer, plainAnswer } from './answer.ts';

/** So long a page need not ask again whether it may ask. */
const MAY_ASK_SECONDS = 600;

/** The refusal of a page that is neither ours nor of this machine; null for all others, and for programs, which name no origin. */
export function foreignOrigin(
  { origin }: IncomingHttpHeaders,
  allowed: readonly string[],
): Answer | null {
  if (isOurOrigin(origin, allowed)) return null;
  return plainAnswer(403, 'pages of loopback names and of FORETICK_ALLOWED_HOSTS may ask');
}

/** Whether a page asks if it may ask, as before each request with a token (Fetch standard, CORS-preflight request). */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  const asked = headers['access-control-request-method'];
  return method === 'OPTIONS' && headers.origin !== undefined && asked !== undefined;
}

export const PREFLIGHT_ANSWER: Answer = {
  ...plainAnswer(200, 'ask'),
  headers: {
    'access-control-allow-methods': 'GET, HEAD',
    'access-control-allow-headers': 'authorization',
    'access-control-max-age': `${MAY_ASK_SECONDS}`,
  },
};

/** A page on another port or host, whose origin is let in, may read what it is answered. */
export function crossOriginHeaders(
  { origin }: IncomingHttpHeaders,
  allowed: readonly string[],
): readonly (readonly [string, string])[] {
  const varies = ['vary', 'origin'] as const;
  if (origin === undefined || !isOurOrigin(origin, allowed)) return [varies];
  return [varies, ['access-control-allow-origin', origin]];
}
