import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { GATEWAY_PROBLEMS } from '../../core/errors/gateway-problem.ts';
import { PROBLEMS, problemTypeOf } from '../../core/errors/public-problem.ts';
import { MANAGEMENT_PROBLEMS } from '../../core/management/problem.ts';
import { REFUSALS } from '../../core/verification/refusal.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const PAGE = readFileSync(join(ROOT, 'docs', 'problems.md'), 'utf8');

/** By heading. */
const SECTIONS = new Map(
  PAGE.split(/^## /m)
    .slice(1)
    .map((section) => {
      const [heading = '', ...text] = section.split('\n');
      return [heading, text.join('\n')];
    }),
);

/** Where problems are written out that no table holds. */
const SOURCES = ['lambdas/http/*.ts', 'lambdas/management/**/*.ts', 'lib/apis/gateway-responses.ts'];
const WRITTEN_CODE = /(?:conflict\(|code: )'([a-z_]+)'/g;

function writtenCodes(): string[] {
  return SOURCES.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(WRITTEN_CODE)].map(([, code = '']) => code),
  );
}

test('the page of problems has a section for every code that an API answers, and for no other', () => {
  const tables = [PROBLEMS, GATEWAY_PROBLEMS, MANAGEMENT_PROBLEMS, REFUSALS]
    .flatMap((table) => Object.values<{ readonly code: string }>(table))
    .map(({ code }) => code);
  const codes = new Set([...tables, ...writtenCodes()]);
  expect([...SECTIONS.keys()].sort()).toEqual([...codes].sort());
  expect(codes.size).toBeGreaterThan(15);
});

test('each section says which status it is, and more than what the status says by itself', () => {
  for (const [code, text] of SECTIONS)
    expect([code, text]).toEqual([code, expect.stringMatching(/(?:Status|status) .*\d{3}.*\. .{40}/)]);
});

test('type names the section of the code', () => {
  for (const code of SECTIONS.keys()) {
    const [path = '', anchor] = problemTypeOf(code).split('#');
    expect(anchor).toBe(code);
    expect(readFileSync(join(ROOT, path), 'utf8')).toContain(`\n## ${anchor}\n`);
  }
});
