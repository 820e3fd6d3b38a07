import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { tokenVerifierOf } from '#services/serve/access/token-keys.ts';
import { aFolder } from '#test/builders/a-folder.ts';
import { aServeConfig } from '#test/builders/a-serve-config.ts';

const NOW_MS = 1_723_075_200_000;

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
const keys: Record<string, Pair> = {};
let jwks = '';

beforeAll(async () => {
  for (const alg of ['RS256', 'ES256'])
    keys[alg] = await generateKeyPair(alg, { extractable: true });
  const sets = Object.entries(keys).map(async ([alg, { publicKey }]) => ({
    ...(await exportJWK(publicKey)),
    ...{ alg, kid: alg, use: 'sig' },
  }));
  jwks = JSON.stringify({ keys: await Promise.all(sets) });
});

describe('a token signed with a private key', () => {
  test.each(['RS256', 'ES256'])('of %s is verified with the public one', async (alg) => {
    const grant = await (await aVerifier()).verify(await signed(alg));
    expect(grant).toMatchObject({
      subject: 'a desk',
      expiresMs: NOW_MS + 60_000,
      allowed: ['sim:*'],
    });
    expect(grant.filter.has('sim:ALPHA')).toBe(true);
    expect(grant.filter.has('other:ALPHA')).toBe(false);
  });

  test.each(['RS256', 'ES256'])('of %s by another key is refused', async (alg) => {
    const stranger = await generateKeyPair(alg);
    const token = await signed(alg, stranger.privateKey);
    await expect((await aVerifier()).verify(token)).rejects.toMatchObject({ code: 'SERVE_TOKEN' });
  });

  test('of HS256 keyed with the public key itself is refused', async () => {
    const secret = Buffer.from(JSON.stringify(JSON.parse(jwks).keys[0]));
    const token = await signed('HS256', secret);
    await expect((await aVerifier()).verify(token)).rejects.toMatchObject({ code: 'SERVE_TOKEN' });
  });

  test.each([
    ['symbols', 'sim:*'],
    ['symbols', [1]],
    ['symbols', ['a b']],
    ['exp', undefined],
    ['aud', undefined],
  ])('with %s %j is refused', async (claim, value) => {
    const token = await signed('ES256', keys['ES256'].privateKey, { [claim]: value });
    await expect((await aVerifier()).verify(token)).rejects.toMatchObject({ code: 'SERVE_TOKEN' });
  });

  test('says nothing of itself when it is refused', async () => {
    const token = await signed('ES256', keys['ES256'].privateKey, { aud: 'elsewhere' });
    const refusal = await (await aVerifier()).verify(token).catch((error) => `${error}`);
    expect(refusal).not.toContain(token.split('.')[1]);
  });
});

async function aVerifier() {
  const folder = await aFolder({ 'keys.json': jwks });
  const config = aServeConfig({ authKeys: `${folder}/keys.json` });
  const verifier = await tokenVerifierOf(config, () => NOW_MS);
  if (verifier === null) throw new Error('keys are set, so tokens are asked for');
  return verifier;
}

function signed(
  alg: string,
  key: Parameters<SignJWT['sign']>[0] = keys[alg].privateKey,
  over: Record<string, unknown> = {},
): Promise<string> {
  const exp = NOW_MS / 1_000 + 60;
  const claims = { sub: 'a desk', aud: 'foretick', exp, symbols: ['sim:*'], ...over };
  const header = { alg, ...(alg === 'HS256' ? {} : { kid: alg }) };
  return new SignJWT(claims).setProtectedHeader(header).sign(key);
}
