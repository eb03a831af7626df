import { beforeEach, describe, expect, test } from '@jest/globals';
import { checksum } from '../../../../core/credential/key-text.ts';
import { digestOf } from '../../../../core/credential/secret.ts';
import { Unavailable } from '../../../../core/errors/fault.ts';
import type { StoredSecret } from '../../../../core/verification/verification-store.ts';
import { SECRET } from '../../../core/verification/stored-secrets.ts';
import { type MemoryApi, memoryApi } from '../memory-api.ts';

const VERIFY = 'POST /v1/keys/verify';

let api: MemoryApi;
beforeEach(() => {
  api = memoryApi();
});

/** @returns the text of a key that is kept so. */
function keep(name: string, over: Partial<StoredSecret> = {}): string {
  const unclosed = `kw_live_${name.padStart(30, '0')}`;
  const text = unclosed + checksum(unclosed);
  const principal = { ...SECRET.principal, credentialId: name, scopes: ['read:all'] as const };
  api.verified.secrets.set(digestOf(text), { ...SECRET, principal, ...over });
  return text;
}
const verify = async (body: object) => api.call(VERIFY, { body });

describe('many credentials in one call', () => {
  test('are answered in their order, each as it is answered alone, and no call is counted', async () => {
    const text = keep('active', { rateLimit: { limit: 1, windowSeconds: 60 } });
    const credentials = [
      { credential: text },
      { credential: keep('gone', { state: 'revoked' }) },
      { credential: 'nonsense' },
      { credential: text, workspace: 'acme', action: 'GET /users' },
      { credential: text, workspace: 'other' },
      { credential: text, workspace: 'acme', action: 'DELETE /users/1' },
      { credential: text },
    ];
    const before = [...api.verified.secrets];
    const answer = await verify({ credentials });
    const alone = await Promise.all(credentials.map(async (one) => (await verify(one)).body));
    expect(answer).toEqual({ status: 200, body: { results: alone } });
    expect(alone.map(({ code = 'valid' }) => code)).toEqual([
      ...['valid', 'revoked', 'malformed', 'valid', 'wrong_workspace', 'insufficient_scope', 'valid'],
    ]);
    expect([...api.verified.secrets]).toEqual(before);
    expect(new Set(api.verified.operations)).toEqual(new Set(['find']));
  });

  test('may be a hundred, of which a few are read at a time', async () => {
    const texts = Array.from({ length: 100 }, (_, index) => keep(`key${index}`));
    let [running, most] = [0, 0];
    const { find } = api.verified;
    Object.assign(api.verified, {
      async find(locator: Parameters<typeof find>[0]) {
        running += 1;
        most = Math.max(most, running);
        const found = await find(locator);
        running -= 1;
        return found;
      },
    });
    const { results } = (await verify({ credentials: texts.map((credential) => ({ credential })) })).body;
    expect(
      results.map(({ principal }: never) => (principal as { credential_id: string }).credential_id),
    ).toEqual(texts.map((_, index) => `key${index}`));
    expect(most).toBe(4);
  });

  test('get no answer when one of them cannot be read: a fault is no verdict, and nothing more is asked', async () => {
    const texts = Array.from({ length: 50 }, (_, index) => keep(`key${index}`));
    let finds = 0;
    api.verified.interfere = () => {
      finds += 1;
      if (finds === 10) throw new Unavailable('The store did not answer a read.');
    };
    const asked = verify({ credentials: texts.map((credential) => ({ credential })) });
    await expect(asked).rejects.toThrow('did not answer');
    expect(finds).toBeLessThan(20);
  });
});
