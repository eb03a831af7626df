import { useState } from 'react';
import { useChanged } from '../api/queries.ts';
import type { ApiKey } from '../api/records.ts';
import { useApp, useNow, useWorkspace } from '../app-context.tsx';
import { relativeTime } from '../text/relative-time.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { useCall } from '../ui/use-call.ts';
import type { KeyDialogProps } from './end-key.tsx';
import { rightsOn } from './key-rights.ts';
import { describeOldSecret, nameOfKey, needsOldSecret } from './key-words.ts';

export interface OldSecretProps {
  readonly apiKey: ApiKey;
  /** `row`: a line under the name. `page`: a notice. */
  readonly shape: 'row' | 'page';
}

/** Says whether the secret that a rotation has replaced is still used, and ends it. It shows nothing where none works any more. */
export function OldSecret({ apiKey, shape }: OldSecretProps) {
  const { config } = useApp();
  const { person, membership } = useWorkspace();
  const now = useNow();
  const [isOpen, setOpen] = useState(false);
  const { previous_secret: old } = apiKey;
  // While a deployment is under way, an older API may still answer a newer page.
  if (!old) return null;
  const rights = rightsOn(apiKey, { person, membership, features: config.features });
  const end = rights.rotate === null && (
    <Button
      kind={shape === 'row' ? 'quiet' : 'plain'}
      aria-label={`End the old secret of ${nameOfKey(apiKey)} now`}
      onPress={() => setOpen(true)}
    >
      End it now
    </Button>
  );
  const sentence = describeOldSecret(old, now);
  return (
    <>
      {shape === 'row' ? (
        <span className="old-secret">
          <span className={needsOldSecret(old, now) ? 'near' : 'quiet'}>{sentence}</span>
          {end}
        </span>
      ) : (
        <div className="banner">
          <Notice kind={needsOldSecret(old, now) ? 'warning' : 'info'} action={end}>
            <p>
              {sentence} It ends {relativeTime(old.ends_at, now)}.
            </p>
          </Notice>
        </div>
      )}
      {isOpen && <EndOldSecret apiKey={apiKey} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Asks before programs that have not changed over are refused. */
function EndOldSecret({ apiKey, onClose }: KeyDialogProps) {
  const { api } = useApp();
  const now = useNow();
  const keysChanged = useChanged('keys', apiKey.workspace);
  const { isBusy, fault, run } = useCall(onClose);
  const { previous_secret: old } = apiKey;
  const end = () =>
    run(async () => {
      await api.keys.revokePreviousSecret({ workspace: apiKey.workspace, key: apiKey.id });
      await keysChanged();
      return `The old secret of ${nameOfKey(apiKey)} was ended.`;
    });
  return (
    <ConfirmDialog
      title={`End the old secret of ${nameOfKey(apiKey)}?`}
      action="End old secret"
      onConfirm={end}
      onClose={onClose}
      isBusy={isBusy}
      fault={fault}
    >
      <p>Programs that still have it are refused at once. The new secret works on.</p>
      {old !== null && <p>{describeOldSecret(old, now)}</p>}
    </ConfirmDialog>
  );
}
