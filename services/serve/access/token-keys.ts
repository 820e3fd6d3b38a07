import { readFile } from 'node:fs/promises';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { ServeConfig } from '../config.ts';
import { TokenKeysError } from '../serve-errors.ts';
import { TokenVerifier } from './token-verifier.ts';

/** RFC 7518, 3.2: a key of HS256 has at least as many bits as its hash. */
const SECRET_BYTES = 32;

/**
 * From the settings; null where neither a secret nor keys are set: then no token is asked for.
 * @throws TokenKeysError `SERVE_TOKEN_KEYS`
 */
export async function tokenVerifierOf(
  { authSecret, authKeys, authAudience, authTenant }: ServeConfig,
  nowMs: () => number,
): Promise<TokenVerifier | null> {
  if (authSecret === '' && authKeys === '') return null;
  if (authSecret !== '' && authKeys !== '') {
    throw new TokenKeysError('set FORETICK_AUTH_SECRET or FORETICK_AUTH_KEYS, both were set', {});
  }
  const keyOf = authSecret === '' ? await keysOfFile(authKeys) : secretKey(authSecret);
  return new TokenVerifier({ keyOf, audience: authAudience, tenant: authTenant, nowMs });
}

function secretKey(secret: string): JWTVerifyGetKey {
  const bytes = Buffer.from(secret);
  if (bytes.length < SECRET_BYTES) {
    throw new TokenKeysError(
      `FORETICK_AUTH_SECRET must have at least ${SECRET_BYTES} bytes, had ${bytes.length}`,
      {},
    );
  }
  return async ({ alg }) => {
    // A secret verifies HS256 only; a public key would never stand here.
    if (alg !== 'HS256') throw new errors.JWKSNoMatchingKey();
    return bytes;
  };
}

async function keysOfFile(path: string): Promise<JWTVerifyGetKey> {
  try {
    return createLocalJWKSet(JSON.parse(await readFile(path, 'utf8')) as JSONWebKeySet);
  } catch (error) {
    throw new TokenKeysError(
      `FORETICK_AUTH_KEYS must be the path of a JSON Web Key Set (RFC 7517), ${path} is none: ${String(error)}`,
      { path },
      error,
    );
  }
}
