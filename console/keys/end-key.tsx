import { useState } from 'react';
import { useChanged } from '../api/queries.ts';
import type { ApiKey } from '../api/records.ts';
import { useApp, useNow } from '../app-context.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Problem } from '../ui/notice.tsx';
import { useCall } from '../ui/use-call.ts';
import { describeUse, isInUse, looksLike, nameOfKey } from './key-words.ts';

export interface KeyDialogProps {
  readonly apiKey: ApiKey;
  readonly onClose: () => void;
}

/** Disables or enables a key; the sentence says what was done. */
function useToggle({ apiKey, onClose }: KeyDialogProps) {
  const { api } = useApp();
  const keysChanged = useChanged('keys', apiKey.workspace);
  const call = useCall(onClose);
  const toggle = (enabled: boolean) =>
    call.run(async () => {
      await api.keys.update({ workspace: apiKey.workspace, key: apiKey.id, enabled });
      await keysChanged();
      return `${nameOfKey(apiKey)} was ${enabled ? 'enabled' : 'disabled'}.`;
    });
  return { ...call, toggle };
}

/** Asks before a key ends for good, and offers to disable it instead. */
export function RevokeKey({ apiKey, onClose }: KeyDialogProps) {
  const { api } = useApp();
  const now = useNow();
  const name = nameOfKey(apiKey);
  const wanted = apiKey.name ?? apiKey.start;
  const [typed, setTyped] = useState('');
  const { isBusy, fault, run, toggle } = useToggle({ apiKey, onClose });
  const keysChanged = useChanged('keys', apiKey.workspace);
  const mustType = isInUse(apiKey, now);
  const revoke = () =>
    run(async () => {
      await api.keys.revoke({ workspace: apiKey.workspace, key: apiKey.id });
      await keysChanged();
      return `${name} was revoked.`;
    });
  return (
    <ConfirmDialog
      title={`Revoke ${name}?`}
      action="Revoke key"
      onConfirm={revoke}
      onClose={onClose}
      isBusy={isBusy}
      isDisabled={mustType && !looksLike(typed, wanted)}
      fault={fault}
      alternative={
        apiKey.status === 'active' && (
          <Button kind="quiet" onPress={() => toggle(false)} isDisabled={isBusy}>
            Disable instead
          </Button>
        )
      }
    >
      <p>
        The key stops working at once, and for good. <strong>Nobody can bring it back.</strong>
      </p>
      <p>{describeUse(apiKey, now)}</p>
      {apiKey.status === 'active' && (
        <p className="hint">If you are not sure, disable it: that can be undone.</p>
      )}
      {mustType && (
        <TextField
          label={`It was used today. Type ${wanted} to revoke it`}
          value={typed}
          onChange={setTyped}
          isMono
        />
      )}
    </ConfirmDialog>
  );
}

/** Asks before a key is switched off. */
export function DisableKey({ apiKey, onClose }: KeyDialogProps) {
  const now = useNow();
  const name = nameOfKey(apiKey);
  const { isBusy, fault, toggle } = useToggle({ apiKey, onClose });
  return (
    <ConfirmDialog
      title={`Disable ${name}?`}
      action="Disable key"
      onConfirm={() => toggle(false)}
      onClose={onClose}
      isBusy={isBusy}
      fault={fault}
    >
      <p>The key is refused at once, until somebody enables it again. It keeps its place in the list.</p>
      <p>{describeUse(apiKey, now)}</p>
    </ConfirmDialog>
  );
}

export function EnableKey({ apiKey, onClose }: KeyDialogProps) {
  const name = nameOfKey(apiKey);
  const { isBusy, fault, toggle } = useToggle({ apiKey, onClose });
  return (
    <Dialog title={`Enable ${name}?`} size="small" onClose={onClose}>
      <DialogBody>
        <p>The key works again at once, with the scopes and networks that it has.</p>
        {fault !== undefined && <Problem fault={fault} />}
      </DialogBody>
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button kind="primary" onPress={() => toggle(true)} isBusy={isBusy} autoFocus>
          Enable key
        </Button>
      </DialogActions>
    </Dialog>
  );
}
