import { expect, test } from '@jest/globals';
import { Unfinished } from '../../core/errors/fault.ts';
import { ProblemError } from '../../lambdas/http/problem.ts';
import { flushAfter } from '../../lambdas/verdict-flush.ts';

/** What happened, in order, when an operation ended so. */
async function stepsOf(end: () => { readonly takesRights?: boolean }): Promise<string[]> {
  const steps: string[] = [];
  const operation = async () => {
    steps.push('changed');
    return end();
  };
  const flush = async () => {
    steps.push('flushed');
  };
  await flushAfter(operation, flush).then(
    () => steps.push('answered'),
    () => steps.push('failed'),
  );
  return steps;
}

test('cached verdicts are flushed after a change and before its answer', async () => {
  expect(await stepsOf(() => ({}))).toEqual(['changed', 'flushed', 'answered']);
});

test('a change that takes no rights away flushes nothing', async () => {
  expect(await stepsOf(() => ({ takesRights: false }))).toEqual(['changed', 'answered']);
});

test('a change that has reached only some credentials flushes before its answer says so', async () => {
  const unfinished = () => {
    throw new Unfinished({ done: 100, left: 20 });
  };
  expect(await stepsOf(unfinished)).toEqual(['changed', 'flushed', 'failed']);
});

test('a refusal flushes nothing', async () => {
  const refuse = () => {
    throw new ProblemError({ status: 403, code: 'forbidden', title: 'Forbidden', detail: 'No.' });
  };
  expect(await stepsOf(refuse)).toEqual(['changed', 'failed']);
});
