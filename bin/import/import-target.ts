import { DEFAULT_KEYS_PER_MEMBER } from '../../core/management/key-store.ts';
import { loadProfile } from '../../lib/profile-file.ts';
import { readCommittedSettings } from '../../lib/settings.ts';
import type { TableImport } from './to-tables.ts';

/**
 * The rules that keys are imported by, where no function of the deployment is asked.
 * @param profileName without it, the profile that cdk.json names.
 * @param keysPerMember without it, what cdk.json says.
 */
export function readImportTarget(
  profileName: string | undefined,
  keysPerMember: number | undefined,
): Pick<TableImport, 'profile' | 'maxKeysPerMember'> {
  const settings = readCommittedSettings();
  const { profile } = loadProfile(profileName ?? settings.profile);
  return { profile, maxKeysPerMember: keysPerMember ?? settings.maxKeysPerMember ?? DEFAULT_KEYS_PER_MEMBER };
}
