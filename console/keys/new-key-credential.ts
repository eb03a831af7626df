import type { Api } from '../api/api.ts';
import type { IssuedKey } from '../api/records.ts';
import type { NewCredential } from '../secret/secret-dialog.tsx';

/** A key that was issued or rotated, as the dialog of secrets takes it. */
export function newKeyCredential({ key, secret }: IssuedKey, api: Api): NewCredential {
  const readLastUse = async () =>
    (await api.keys.get({ workspace: key.workspace, key: key.id })).last_used_at;
  return { caller: { kind: 'key' }, start: key.start, secret, readLastUse };
}
