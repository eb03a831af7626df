import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { welcome } from '../../bin/start-output.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { startProduct } from '../product.ts';

/** What is indented, which is what there is to paste. */
const linesIn = (text: string) => [...text.matchAll(/^ {2}(.*)$/gm)].map(([, line = '']) => line).join('\n');

/** As pasted into one shell; curl says nothing of its progress. */
async function paste(script: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script]);
  expect(stderr).not.toMatch(/bash:|sed:|not found/);
  return stdout;
}

test.each(['standard', 'supertone', 'socialcrm', 'sophic', 'supersonic'])(
  'what npm start prints for %s works as it is pasted, from the first line to the last',
  async (profileName) => {
    const product = await startProduct(profileName);
    try {
      const { profile } = loadProfile(profileName);
      const { format } = profile.apiKey;
      const script = linesIn(welcome(product));
      const printed = await paste(
        `${script}\necho; printf '%s\\n' "$API_URL" "$OWNER" "$ADMIN" "$WORKSPACE" "$ISSUER_URL"`,
      );
      const statuses = [...printed.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);
      expect(statuses).toEqual(profile.personalAccessTokens === undefined ? ['200'] : ['200', '200']);
      expect(printed.split('\n')[0]).toMatch(
        new RegExp(`^${format.prefix}[0-9A-Za-z]{${format.randomLength},}$`),
      );
      expect(printed).toContain(`"user":"${product.users.member}"`);
      const { apiUrl, users, workspace, issuerUrl } = product;
      const set = [apiUrl, users.owner, users.admin, workspace, issuerUrl];
      expect(printed.trim().split('\n').slice(-set.length)).toEqual(set);
      if (profileName !== 'supertone') return;
      // Three keys are all that an account may have. What is wrong with the fourth stands where its secret would.
      for (const _ of [2, 3]) await paste(script);
      expect((await paste(script)).split('\n')[0]).toContain('key_limit_reached');
    } finally {
      await product.stop();
    }
  },
);
