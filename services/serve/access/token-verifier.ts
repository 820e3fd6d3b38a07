import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { TokenRefusedError } from '../serve-errors.ts';
import { type Grant, grantOf } from './grant.ts';

export interface TokenVerifierOptions {
  readonly keyOf: JWTVerifyGetKey;
  readonly audience: string;
  /** What the claim `tenant` must be; empty: anything. */
  readonly tenant: string;
  readonly nowMs: () => number;
}

/** `none` and everything else that is not listed is refused before a key is looked for. */
const ALGORITHMS = ['HS256', 'RS256', 'ES256'];
const SYMBOL = /^[A-Za-z0-9._:/*-]{1,64}$/;
const MOST_SYMBOLS = 1_000;

/** Reads JSON Web Tokens (RFC 7519) with signature, audience, expiry, tenant and symbols. Nothing that it refuses is half let in. */
export class TokenVerifier {
  readonly #options: TokenVerifierOptions;

  constructor(options: TokenVerifierOptions) {
    this.#options = options;
  }

  /** @throws TokenRefusedError `SERVE_TOKEN`, which says what is wrong, never what the token was */
  async verify(token: string): Promise<Grant> {
    const { audience, nowMs } = this.#options;
    try {
      const { payload } = await jwtVerify(token, this.#options.keyOf, {
        algorithms: ALGORITHMS,
        audience,
        requiredClaims: ['exp', 'aud', 'symbols'],
        currentDate: new Date(nowMs()),
      });
      return this.#grant(payload);
    } catch (error) {
      if (error instanceof TokenRefusedError) throw error;
      // A key that does not fit the token's algorithm ends in a TypeError of jose's: the token's fault, too.
      if (!(error instanceof errors.JOSEError || error instanceof TypeError)) throw error;
      throw new TokenRefusedError(`the token is refused: ${error.message}`, {}, error);
    }
  }

  #grant(payload: JWTPayload): Grant {
    const { tenant } = this.#options;
    if (tenant !== '' && payload['tenant'] !== tenant) {
      throw new TokenRefusedError('the token is of another tenant', {});
    }
    const { symbols } = payload;
    if (!isSymbols(symbols)) {
      const expected = `at most ${MOST_SYMBOLS} names and patterns`;
      throw new TokenRefusedError(`the claim symbols must be an array of ${expected}`, {});
    }
    return grantOf(payload.sub ?? 'unnamed', (payload.exp ?? 0) * 1_000, symbols);
  }
}

function isSymbols(claim: unknown): claim is string[] {
  if (!Array.isArray(claim) || claim.length > MOST_SYMBOLS) return false;
  return claim.every((one) => typeof one === 'string' && SYMBOL.test(one));
}
