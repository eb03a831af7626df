import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';

const ROOT = join(import.meta.dirname, '..', '..');

test('the client is under 10 kB for a browser, compressed, and needs nothing of Node', async () => {
  const { outputFiles, metafile } = buildSync({
    entryPoints: [join(ROOT, 'client', 'index.ts')],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
  });
  const [{ contents, text } = { contents: new Uint8Array(), text: '' }] = outputFiles;
  expect(gzipSync(contents).length).toBeLessThan(10_000);
  expect(contents.length).toBeGreaterThan(1_000);
  expect(text).not.toMatch(/\b(?:process|Buffer|require|global)\b/);
  const inputs = Object.keys(metafile.inputs).map((input) => input.split('/').at(-2));
  expect(new Set(inputs)).toEqual(new Set(['client']));

  const { createClient } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  const client = createClient({
    url: 'https://keys.example.com',
    credential: 'kwm_not-a-real-one',
    fetch: async () => new Response('{"kind":"person"}'),
  });
  expect(await client.caller()).toEqual({ kind: 'person' });
});

test('a package that names keyward/client gets it', () => {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(exports['./client']).toBe('./client/index.ts');
});
