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
      const ask = `keyward() { printf '%s\\n' dev 'my product' "it's" '$(id)'; }; COMP_WORDS=(${words.map((word) => `'${word.replaceAll("'", "'\\\\''")}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _keyward; printf '%s\\n' "\${COMPREPLY[@]}"`;
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
    ['keyward keys list --status ', ['active', 'disabled', 'expired', 'revoked']],
    ['keyward keys list --status = re', ['revoked']],
    ['keyward keys list --status =', ['active', 'disabled', 'expired', 'revoked']],
    ['keyward keys revoke --status e', ['expired']],
    ['keyward keys import keys.csv --algorithm ', ['sha256', 'bcrypt']],
    ['keyward members add usr_1 --role ad', ['admin']],
    ['keyward members set-role usr_1 o', ['owner']],
    ['keyward members set-role usr_1 owner --w', ['--workspace']],
    ['keyward completion f', ['fish']],
  ])('%s', (line, words) => {
    expect(complete(line)).toEqual(words);
  });

  test.each([
    ['keyward keys list --connection ', ['dev', 'my\\ product', "it\\'s", '\\$\\(id\\)']],
    ['keyward keys list --connection my\\', ['my\\ product']],
    ['keyward login --connection d', ['dev']],
    ['keyward connections use i', ["it\\'s"]],
    ['keyward connections remove --workspace acme d', ['dev']],
  ])('names of connections, whatever they are called: %s', (line, words) => {
    expect(complete(line)).toEqual(words);
  });
});

test.each(['zsh', 'fish'] as const)('the script for %s names every command and option', (shell) => {
  const script = completionScript(shell, PROGRAM);
  for (const word of ['keys', 'rotate', 'overlap', 'completion', 'no-browser'])
    expect(script).toContain(word);
  for (const choice of ['revoked', 'base64url', 'owner', 'keyward connections list --names 2>/dev/null'])
    expect(script).toContain(choice);
  expect(script).toContain(
    shell === 'zsh' ? "'operator keys') " : "test (__keyward_place) = '\\''operator keys'\\''",
  );
});
