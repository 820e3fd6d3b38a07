import { SignJWT } from 'jose';

export const TOKEN_SECRET = 'a secret of tests, thirty-two bytes long';

export interface TokenSigner {
  readonly alg: string;
  readonly key: Parameters<SignJWT['sign']>[0];
  readonly kid?: string;
}

export interface TokenOptions {
  readonly secret?: string;
  /** Instead of a secret. */
  readonly signer?: TokenSigner;
  readonly audience?: string;
  readonly tenant?: string;
  readonly symbols?: unknown;
  /** From now; negative: it has expired; null: it never does. */
  readonly seconds?: number | null;
  readonly notBeforeSeconds?: number;
}

/** A token for the gateway of a test (HS256); right in every way unless said otherwise. */
export function aToken(options: TokenOptions = {}): Promise<string> {
  const { secret = TOKEN_SECRET, audience = 'foretick', tenant = 'ours', seconds = 60 } = options;
  const { signer = { alg: 'HS256', key: Buffer.from(secret) }, notBeforeSeconds } = options;
  const { key, ...header } = signer;
  const symbols = 'symbols' in options ? options.symbols : ['*'];
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const token = new SignJWT({ tenant, symbols })
    .setProtectedHeader(header)
    .setSubject('a test')
    .setAudience(audience);
  if (seconds !== null) token.setExpirationTime(nowSeconds + seconds);
  if (notBeforeSeconds !== undefined) token.setNotBefore(nowSeconds + notBeforeSeconds);
  return token.sign(key);
}

/** Claims that are right, signed by nobody. */
export function anUnsignedToken(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1_000) + 60;
  const claims = { aud: 'foretick', tenant: 'ours', symbols: ['*'], exp };
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}
