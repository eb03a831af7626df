import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { REFUSALS } from '../../core/verification/refusal.ts';
import profile from '../../profiles/supertone.json' with { type: 'json' };
import { send, startProduct, type TestProduct } from '../product.ts';
import { findPython, installPackage, SUPERTONE_PACKAGE } from './python.ts';

const found = await findPython(12);
if (found.kind === 'missing') process.stderr.write(`\nSKIPPED, the client of supertone: ${found.reason}\n\n`);
const describeClient = found.kind === 'found' ? describe : describe.skip;

type Call = readonly [part: string, method: string, args: object];

describeClient(`the package supertone ${SUPERTONE_PACKAGE}`, () => {
  let python: string;
  let product: TestProduct;
  let secret: string;
  let directory: string;
  beforeAll(async () => {
    if (found.kind === 'missing') return;
    python = await installPackage(found, 'supertone', SUPERTONE_PACKAGE);
    directory = mkdtempSync(join(tmpdir(), 'keyward-supertone-'));
    product = await startProduct(profileWithLimits());
    secret = await issue('acme');
  });
  afterAll(async () => {
    await product?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** The profile as it is counts no calls. The client has a type for the error 429. */
  function profileWithLimits(): string {
    const path = join(directory, 'supertone.json');
    const plans = { free: { limit: 1_000, window_seconds: 60 } };
    writeFileSync(path, JSON.stringify({ ...profile, rate_limits: { default_plan: 'free', plans } }));
    return path;
  }

  async function issue(account: string, body: object = {}): Promise<string> {
    const { managementUrl, managementKey: credential } = product;
    const answer = await send(`${managementUrl}/v1/workspaces/${account}/keys`, { credential, body });
    return answer.body.secret;
  }

  // biome-ignore lint/suspicious/noExplicitAny: results of every shape.
  async function outcomesOf(calls: readonly Call[], key = secret): Promise<any[]> {
    const child = spawn(python, [join(import.meta.dirname, 'supertone-calls.py'), product.apiUrl], {
      env: { ...process.env, SUPERTONE_API_KEY: key, PYTHONIOENCODING: 'utf-8' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.end(JSON.stringify(calls));
    return JSON.parse(await text(child.stdout));
  }

  const speak = (voice_id: string, more: object = {}): Call => [
    'text_to_speech',
    'create_speech',
    { voice_id, text: 'Hello', language: 'en', ...more },
  ];
  const LIST: Call = ['voices', 'list_voices', {}];

  test('lists voices, gets one and lets it speak, as JSON and as bytes', async () => {
    const [listed, one, wav, mp3, wavBytes, mp3Bytes, long] = await outcomesOf([
      LIST,
      ['voices', 'get_voice', { voice_id: 'voice_agatha' }],
      speak('voice_agatha'),
      speak('voice_acme_clone', { output_format: 'mp3', include_phonemes: true }),
      speak('voice_agatha', { accept_header_override: 'audio/wav' }),
      speak('voice_agatha', { accept_header_override: 'audio/mpeg' }),
      // Two requests, whose sounds the client joins.
      speak('voice_agatha', { text: 'One sentence of many words. '.repeat(20) }),
    ]);
    expect(listed.result.items.map(({ voice_id }: { voice_id: string }) => voice_id)).toEqual([
      'voice_agatha',
      'voice_bin',
      'voice_acme_clone',
    ]);
    expect(one.result).toMatchObject({ name: 'Agatha', use_cases: ['narration', 'audiobook'] });
    const soundOf = (base64: string) => Buffer.from(base64, 'base64').toString('hex');
    const [RIFF, FRAME] = [/^52494646/, /^fffb/];
    expect(soundOf(wav.result.result.audio_base64)).toMatch(RIFF);
    expect(soundOf(mp3.result.result.audio_base64)).toMatch(FRAME);
    expect(wavBytes.result).toEqual({ bytes: expect.stringMatching(RIFF), type: 'audio/wav' });
    expect(mp3Bytes.result).toEqual({ bytes: expect.stringMatching(FRAME), type: 'audio/mpeg' });
    expect(JSON.stringify(long)).toContain('audio_base64');
  });

  test('raises its typed error for every refusal, of API Gateway, the guard or the sample', async () => {
    const outside = await newAccount();
    const typed = (type: string, status: number, error: string, message: unknown) => ({
      error: {
        type,
        status,
        data: { status: 'error', message: { message, error, status_code: status } },
      },
    });
    const calls = [speak('voice_acme_clone'), speak('nobody'), speak('voice_agatha', { text: '' })];
    const [foreign, unknown, empty] = await outcomesOf(calls, await issue(outside));
    expect(foreign).toEqual(typed('ForbiddenErrorResponse', 403, 'Forbidden', 'Permission denied'));
    expect(unknown).toEqual(typed('NotFoundErrorResponse', 404, 'Not Found', 'There is no such voice.'));
    expect(empty.error).toMatchObject({
      type: 'BadRequestErrorResponse',
      data: { status: 'error', message: expect.any(String) },
    });
    const once = await issue(outside, { rate_limit: { limit: 1, window_seconds: 86_400 } });
    const [, limited] = await outcomesOf([speak('voice_agatha'), speak('voice_agatha')], once);
    expect(limited).toEqual(
      typed('TooManyRequestsErrorResponse', 429, 'Too Many Requests', REFUSALS.rate_limited.detail),
    );
    for (const key of ['short', 'a'.repeat(40)]) {
      const [spoken, listed] = await outcomesOf([speak('voice_agatha'), LIST], key);
      expect(spoken).toEqual(typed('UnauthorizedErrorResponse', 401, 'Unauthorized', 'Invalid API Key'));
      // The client has no type for the errors of a list.
      expect(listed.error).toMatchObject({ type: 'SupertoneDefaultError', status: 401 });
    }
  });

  async function newAccount(): Promise<string> {
    const { managementUrl, managementKey: credential, users } = product;
    const body = { slug: 'outside', name: 'Outside', created_by: users.owner };
    await send(`${managementUrl}/v1/workspaces`, { credential, body });
    return body.slug;
  }
});
