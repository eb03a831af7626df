import { useState } from 'react';
import { madeIdOf } from '../api/problem.ts';
import { useChanged } from '../api/queries.ts';
import { useApp } from '../app-context.tsx';
import { usePresentSecret } from '../secret/secret-dialog.tsx';
import { Button } from '../ui/button.tsx';
import { Choices } from '../ui/choices.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { Notice, Problem } from '../ui/notice.tsx';
import { useCall } from '../ui/use-call.ts';
import type { KeyDialogProps } from './end-key.tsx';
import { nameOfKey } from './key-words.ts';
import { newKeyCredential } from './new-key-credential.ts';

const OVERLAPS = [
  { value: '0', label: 'Now', hint: 'The old secret stops at once. Right after a leak.' },
  { value: '3600', label: '1 hour', hint: 'Both work for an hour.' },
  { value: '86400', label: '24 hours', hint: 'Both work for a day. Enough for most deployments.' },
  { value: '604800', label: '7 days', hint: 'Both work for a week.' },
] as const;

/** Gives a key a new secret. The old one works on for the time that the person picks. */
export function RotateKey({ apiKey, onClose }: KeyDialogProps) {
  const { api } = useApp();
  const present = usePresentSecret();
  const keysChanged = useChanged('keys', apiKey.workspace);
  const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number]['value']>('86400');
  const { isBusy, fault, run } = useCall(onClose);
  const rotate = () =>
    run(async () => {
      const issued = await api.keys.rotate({
        workspace: apiKey.workspace,
        key: apiKey.id,
        overlap_seconds: Number(overlap),
      });
      present(newKeyCredential(issued, api));
      await keysChanged();
      return undefined;
    });
  return (
    <Dialog title={`Rotate ${nameOfKey(apiKey)}`} onClose={onClose}>
      <DialogBody>
        <p>The key keeps its name, scopes and limits, and gets a new secret. You copy it in the next step.</p>
        <Choices
          label="The old secret ends"
          shape="list"
          choices={OVERLAPS}
          value={overlap}
          onChange={setOverlap}
        />
        {madeIdOf(fault) !== null ? (
          <div role="alert">
            <Notice kind="danger">
              <p>
                The key was rotated, but its new secret was lost on the way. The old one works until it ends.
                Choose “Now” and rotate again: that gives you a new secret, and ends both others.
              </p>
            </Notice>
          </div>
        ) : (
          fault !== undefined && <Problem fault={fault} />
        )}
      </DialogBody>
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button kind="primary" onPress={rotate} isBusy={isBusy}>
          Rotate key
        </Button>
      </DialogActions>
    </Dialog>
  );
}
