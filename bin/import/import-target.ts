import { DEFAULT_KEYS_PER_MEMBER } from '../../core/management/key-store.ts';
import { readDeploymentFile } from '../../lib/files/deployment-file.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import type { TableImport } from './to-tables.ts';

/**
 * The rules that keys are imported by, where no function of the deployment is asked.
 * @param profileName without it, the profile that keyward.json names.
 * @param keysPerMember without it, what keyward.json says.
 */
export function readImportTarget(
  profileName: string | undefined,
  keysPerMember: number | undefined,
): Pick<TableImport, 'profile' | 'maxKeysPerMember'> {
  const settings = readDeploymentFile();
  const { profile } = loadProfile(profileName ?? settings.profile);
  return { profile, maxKeysPerMember: keysPerMember ?? settings.maxKeysPerMember ?? DEFAULT_KEYS_PER_MEMBER };
}
