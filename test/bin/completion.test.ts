import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createProgram } from '../../bin/commands/program.ts';
import { completionScript } from '../../bin/completion-script.ts';

const PROGRAM = await createProgram();

describe('in bash, Tab completes', () => {
  let complete: (line: string) => string[];
  beforeAll(() => {
    const script = completionScript('bash', PROGRAM);
    complete = (line) => {
      // Bash splits the line into words before it asks.
      const words = line.split(' ');
      const ask = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _keyward; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const answer = execFileSync('bash', ['-c', `${script}\n${ask}`], { encoding: 'utf8' });
      return answer.trim().split('\n');
    };
  });

  test.each([
    ['keyward key', ['keys']],
    ['keyward keys ro', ['rotate']],
    ['keyward operator keys rev', ['revoke']],
    ['keyward keys issue --al', ['--all-scopes']],
    ['keyward keys list --status active --l', ['--limit']],
    ['keyward keys revoke key_1 --y', ['--yes']],
    ['keyward nothing x', ['']],
  ])('%s', (line, words) => {
    expect(complete(line)).toEqual(words);
  });
});

test.each(['zsh', 'fish'] as const)('the script for %s names every command and option', (shell) => {
  const script = completionScript(shell, PROGRAM);
  for (const word of ['keys', 'rotate', 'overlap', 'completion', 'no-browser'])
    expect(script).toContain(word);
  expect(script).toContain(
    shell === 'zsh' ? "'operator keys') " : "test (__keyward_place) = '\\''operator keys'\\''",
  );
});
