import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidSetting, readSettings, type Settings } from '../lib/settings.ts';

const FILE = join(import.meta.dirname, '..', 'cdk.json');

/**
 * The settings that `cdk deploy` goes by without being told anything: what stands in `cdk.json`.
 * @throws {InvalidSetting}
 */
export function committedSettings(): Settings {
  return readSettings(committedContext());
}

function committedContext(): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8')).context ?? {};
  } catch (cause) {
    throw new InvalidSetting(
      'The file cdk.json cannot be read, in which the settings of the deployment stand.',
      {
        cause,
      },
    );
  }
}
