import { SignJWT } from 'jose';

export const TOKEN_SECRET = 'a secret of tests, thirty-two bytes long';

export interface TokenOptions {
  readonly secret?: string;
  readonly audience?: string;
  readonly tenant?: string;
  readonly symbols?: unknown;
  /** From now; negative: it has expired. */
  readonly seconds?: number;
}

/** A token for the gateway of a test (HS256); right in every way unless said otherwise. */
export function aToken(options: TokenOptions = {}): Promise<string> {
  const { secret = TOKEN_SECRET, audience = 'foretick', tenant = 'ours', seconds = 60 } = options;
  const symbols = 'symbols' in options ? options.symbols : ['*'];
  return new SignJWT({ tenant, symbols })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('a test')
    .setAudience(audience)
    .setExpirationTime(Math.floor(Date.now() / 1_000) + seconds)
    .sign(Buffer.from(secret));
}

/** Claims that are right, signed by nobody. */
export function anUnsignedToken(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1_000) + 60;
  const claims = { aud: 'foretick', tenant: 'ours', symbols: ['*'], exp };
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}
