import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../docs/blocks.ts';
import setUpTests from '../global-setup.ts';

/** Builds and packs the package as the page says, once for all projects: `KEYWARD_TEST_PACKAGE` names the file. */
export default async function setUp(): Promise<void> {
  await setUpTests();
  const folder = mkdtempSync(join(tmpdir(), 'keyward-packed-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
  const pack = ['pack', './dist', '--silent', '--pack-destination', folder];
  const name = execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8' }).trim();
  process.env.KEYWARD_TEST_PACKAGE = join(folder, name);
}
