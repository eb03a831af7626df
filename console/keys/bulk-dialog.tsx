import { useState } from 'react';
import type { Api } from '../api/api.ts';
import { describeProblem } from '../api/problem.ts';
import { useChanged } from '../api/queries.ts';
import type { ApiKey } from '../api/records.ts';
import { useApp, useNow } from '../app-context.tsx';
import { countOf } from '../text/words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { Notice, Problem } from '../ui/notice.tsx';
import { useCall } from '../ui/use-call.ts';
import { isInUse, nameOfKey } from './key-words.ts';

export interface BulkDialogProps {
  readonly action: 'disable' | 'revoke';
  readonly keys: readonly ApiKey[];
  readonly onClose: () => void;
}

/** What became of one key: a few words. */
type Outcomes = ReadonlyMap<string, string>;

/** Shows what one action would do to many keys, does it, and says what became of each. */
export function BulkDialog({ action, keys: asked, onClose }: BulkDialogProps) {
  const { api } = useApp();
  const now = useNow();
  // The selection changes while the keys do; the dialog goes on with those that it was opened for.
  const [keys] = useState(asked);
  const [outcomes, setOutcomes] = useState<Outcomes>();
  const keysChanged = useChanged('keys', keys[0]?.workspace ?? '');
  const { isBusy, fault, run } = useCall(() => undefined);
  const used = keys.filter((key) => isInUse(key, now)).length;
  const act = () =>
    run(async () => {
      setOutcomes(await (action === 'revoke' ? revokeAll(api, keys) : disableAll(api, keys)));
      await keysChanged();
      return undefined;
    });
  const verb = action === 'revoke' ? 'Revoke' : 'Disable';
  const count = countOf(keys.length, 'key');
  return (
    <Dialog title={`${verb} ${count}?`} role="alertdialog" onClose={onClose}>
      <DialogBody>
        <p>
          {action === 'revoke' ? (
            <>
              They stop working at once, and for good. <strong>Nobody can bring them back.</strong>
            </>
          ) : (
            'They are refused at once, until somebody enables them again.'
          )}
        </p>
        {used > 0 && outcomes === undefined && (
          <Notice kind="warning">
            <p>{countOf(used, 'key')} of them had a use within the last day.</p>
          </Notice>
        )}
        <ul className="bulk-keys">
          {keys.map((key) => (
            <li key={key.id}>
              <span dir="auto">{nameOfKey(key)}</span>
              <code className="start">{key.start}…</code>
              <span className="hint">{outcomes?.get(key.id) ?? ''}</span>
            </li>
          ))}
        </ul>
        {fault !== undefined && <Problem fault={fault} />}
      </DialogBody>
      <DialogActions>
        {outcomes === undefined ? (
          <>
            <Button onPress={onClose} autoFocus>
              Cancel
            </Button>
            <Button kind="danger" onPress={act} isBusy={isBusy}>
              {`${verb} ${count}`}
            </Button>
          </>
        ) : (
          <Button kind="primary" onPress={onClose} autoFocus>
            Done
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}

const REVOCATION_WORDS: Readonly<Record<string, string>> = {
  revoked: 'Revoked',
  already_revoked: 'Was revoked already',
  failed: 'Could not be revoked. Try again',
};

async function revokeAll(api: Api, keys: readonly ApiKey[]): Promise<Outcomes> {
  const workspace = keys[0]?.workspace ?? '';
  const outcomes = new Map<string, string>();
  let cursor: string | undefined;
  do {
    const ids = keys.map(({ id }) => id);
    const answer = await api.keys.revokeMany({ workspace, ids, dry_run: false, cursor });
    for (const { id, outcome } of answer.keys) outcomes.set(id, REVOCATION_WORDS[outcome] ?? outcome);
    for (const id of answer.unknown_ids) outcomes.set(id, 'You may not revoke it');
    cursor = answer.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return outcomes;
}

/** One after the other: a refusal of one key does not stop the next. */
async function disableAll(api: Api, keys: readonly ApiKey[]): Promise<Outcomes> {
  const outcomes = new Map<string, string>();
  for (const { workspace, id } of keys) {
    const outcome = await api.keys.update({ workspace, key: id, enabled: false }).then(
      () => 'Disabled',
      (fault: unknown) => describeProblem(fault),
    );
    outcomes.set(id, outcome);
  }
  return outcomes;
}
