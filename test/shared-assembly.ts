import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { DeploymentSettings } from '../bin/synthesis.ts';
import { ROOT } from './bin/processes.ts';

/**
 * What a profile is synthesized to, once for a whole run of jest, by whichever test file asks first; its workers are processes
 * that share nothing but the disk. Nobody may change what is in it.
 * @param profileName the name of a profile, or the absolute path of one.
 * @param settings what the file of the deployment would say beside the profile.
 * @returns the assembly's directory.
 */
export async function sharedAssembly(
  profileName: string,
  settings: DeploymentSettings = {},
): Promise<string> {
  const folder = process.env.KEYWARD_TEST_ASSEMBLIES;
  if (folder === undefined) throw new Error("jest's global setup has not run.");
  // A hash, since settings can be longer than the name of a folder may be.
  const name = createHash('sha256')
    .update(`${profileName} ${JSON.stringify(settings)}`)
    .digest('hex');
  return makeOnce(join(folder, name), (unfinished) => synthesize([profileName, settings], unfinished));
}

/**
 * Makes a directory once for a whole run of jest.
 * @param make makes it under another name. Nobody finds it half done.
 * @returns the directory.
 */
export async function makeOnce(
  directory: string,
  make: (unfinished: string) => Promise<void>,
): Promise<string> {
  while (!existsSync(directory)) {
    if (!isFirst(`${directory}.claim`)) {
      await pause(20);
      continue;
    }
    const unfinished = `${directory}.unfinished`;
    try {
      await make(unfinished);
      renameSync(unfinished, directory);
    } catch (error) {
      // The suites that wait for it try it as well, and are told what is wrong.
      rmSync(unfinished, { recursive: true, force: true });
      rmSync(`${directory}.claim`, { recursive: true });
      throw error;
    }
  }
  return directory;
}

/** Making a folder is what only one of many processes can do. */
function isFirst(claim: string): boolean {
  try {
    mkdirSync(claim);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** In a process of its own: loading CDK takes seconds, and jest would do it again for every test file. */
async function synthesize(
  [profileName, settings]: readonly [string, DeploymentSettings],
  directory: string,
): Promise<void> {
  await promisify(execFile)(process.execPath, [
    join(ROOT, 'bin', 'synthesize.ts'),
    ...[profileName, directory, JSON.stringify(settings)],
  ]);
}
