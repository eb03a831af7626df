import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type Manifest, packageManifest } from '../../bin/package-manifest.ts';
import { ROOT } from './processes.ts';

const own: Manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const { manifest, entries } = packageManifest(own);

test('those who install the package get no Node, no development packages and no scripts with it', () => {
  expect(manifest).not.toHaveProperty('optionalDependencies');
  expect(manifest).not.toHaveProperty('devDependencies');
  expect(manifest).not.toHaveProperty('scripts');
  const { dependencies } = manifest as { dependencies: Record<string, string> };
  expect(dependencies).toEqual(own.dependencies);
  expect(Object.keys(dependencies).filter((name) => /^node-|^esbuild$/.test(name))).toEqual([]);
});

test('every entry of the package is a source that exists, and CommonJS tools get a sentence', () => {
  expect(entries).toContain('./lib/index.js');
  for (const entry of entries) expect(existsSync(join(ROOT, entry.replace(/\.js$/, '.ts')))).toBe(true);
  expect(manifest).toHaveProperty(['exports', './guard', 'require'], './bin/commonjs.cjs');
  expect(manifest).toHaveProperty(['exports', './guard', 'types'], './lambdas/guard/request-guard.d.ts');
  expect(manifest).toHaveProperty(['imports', '#verifiers'], './lambdas/bundle-choices/verifiers-every.js');
});

test('the sources themselves cannot be published', () => {
  expect(own.private).toBe(true);
});
