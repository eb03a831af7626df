import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERIFICATION_MS } from '../lambdas/time-limit.ts';
import { makeOnce, sharedAssembly } from './shared-assembly.ts';

/** What stands in a bundle or a template, and how much time a function gets in its place. */
interface TimeLimit {
  readonly pattern: RegExp;
  readonly patient: string;
}

/** API Gateway waits no longer for any function. The sweeper, which has minutes, keeps them. */
const FUNCTION_SECONDS = 29;

const IN_BUNDLES: readonly TimeLimit[] = [
  // Of each request to DynamoDB.
  { pattern: /(?<=connectionTimeout:\w+,requestTimeout:)\w+/g, patient: '2e4' },
  { pattern: /(?<=connectionTimeout:)\w+(?=,requestTimeout:)/g, patient: '2e4' },
  // Of a whole verification.
  { pattern: new RegExp(`\\b${VERIFICATION_MS}\\b`, 'g'), patient: '25e3' },
  // Of an issuer that hands out its keys.
  { pattern: /(?<=AbortSignal\.timeout\()\w+(?=\))/g, patient: '2e4' },
  // Of the note that a call was refused.
  { pattern: /(?<==)1500\b/g, patient: '2e4' },
];
const IN_TEMPLATES: readonly TimeLimit[] = [
  { pattern: /(?<="Timeout": )\d{1,2}\b/g, patient: `${FUNCTION_SECONDS}` },
];

/**
 * The same as `sharedAssembly`, with functions that have time: on a machine that does other work besides, a function that has just
 * started can take ten times as long as it does alone, and would say 503 where a test is about something else. Only suites with a
 * browser need this; all others run the functions as they are deployed.
 * @returns the assembly's directory.
 */
export async function patientAssembly(profileName: string): Promise<string> {
  const shared = await sharedAssembly(profileName);
  return makeOnce(`${shared}.patient`, async (unfinished) => {
    mkdirSync(unfinished);
    const met = new Set<TimeLimit>();
    const give = (file: string, limits: readonly TimeLimit[]) => {
      const text = readFileSync(join(shared, file), 'utf8');
      writeFileSync(join(unfinished, file), giveTime(text, limits, met));
    };
    for (const name of readdirSync(shared))
      if (name.endsWith('.template.json')) give(name, IN_TEMPLATES);
      else if (isBundle(join(shared, name))) {
        mkdirSync(join(unfinished, name));
        give(join(name, 'index.mjs'), IN_BUNDLES);
      } else symlinkSync(join(shared, name), join(unfinished, name));
    for (const limit of [...IN_BUNDLES, ...IN_TEMPLATES])
      if (!met.has(limit)) throw new Error(`Nothing in ${shared} has the time limit ${limit.pattern}.`);
  });
}

function giveTime(text: string, limits: readonly TimeLimit[], met: Set<TimeLimit>): string {
  return limits.reduce((before, limit) => {
    const after = before.replaceAll(limit.pattern, limit.patient);
    if (after !== before) met.add(limit);
    return after;
  }, text);
}

/** A folder that has the code of a function, and nothing else. */
function isBundle(path: string): boolean {
  return /[/\\]asset\.\w+$/.test(path) && readdirSync(path).join() === 'index.mjs';
}
