import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import type { SampleCaller } from '../keys/sample-call.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { FirstCall } from './first-call.tsx';
import { useLeaveGuard } from './leave-guard.ts';
import { OneTimeSecret } from './one-time-secret.ts';
import { SecretText } from './secret-text.tsx';

/** A credential that was just made. */
export interface NewCredential {
  readonly caller: SampleCaller;
  /** The part of the secret that may be shown. */
  readonly start: string;
  readonly secret: string;
  /** When the credential was last used; `null` before its first use. */
  readonly readLastUse: () => Promise<string | null>;
}

type Shown = Omit<NewCredential, 'secret'> & { readonly secret: OneTimeSecret };

const Present = createContext<(credential: NewCredential) => void>(() => undefined);

/** Shows a new secret above every view, so that no step to another view closes it. */
export function usePresentSecret(): (credential: NewCredential) => void {
  return useContext(Present);
}

export function SecretPresenter({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [shown, setShown] = useState<Shown>();
  const present = useCallback(
    ({ secret, ...credential }: NewCredential) =>
      setShown({ ...credential, secret: new OneTimeSecret(secret) }),
    [],
  );
  const close = () => {
    shown?.secret.forget();
    setShown(undefined);
    // A call from the dialog has moved the last use.
    for (const list of ['keys', 'tokens']) void queries.invalidateQueries({ queryKey: [list] });
  };
  return (
    <Present.Provider value={present}>
      {children}
      {shown !== undefined && <SecretDialog shown={shown} onClose={close} />}
    </Present.Provider>
  );
}

function SecretDialog({ shown, onClose }: { readonly shown: Shown; readonly onClose: () => void }) {
  const { secret, start, caller, readLastUse } = shown;
  const [isCopied, setCopied] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const leave = () => (isCopied ? onClose() : setAsking(true));
  useLeaveGuard({ isActive: !isCopied, onBack: leave });
  if (isAsking)
    return (
      <LeaveQuestion kind={caller.kind} secret={secret} onStay={() => setAsking(false)} onLeave={onClose} />
    );
  return (
    <Dialog title={`Copy the ${caller.kind}`} onClose={leave}>
      <DialogBody>
        {isCopied ? (
          <Notice kind="good">
            <p>Copied. Keep it safe: once this closes, nobody can show it to you again.</p>
          </Notice>
        ) : (
          <Notice kind="warning">
            <p>
              Copy the {caller.kind} now. <strong>It is only shown once.</strong>
            </p>
          </Notice>
        )}
        <SecretText kind={caller.kind} secret={secret} start={start} onCopied={() => setCopied(true)} />
        {isCopied && <FirstCall caller={caller} trial={{ secret, readLastUse }} />}
      </DialogBody>
      <DialogActions>
        <Button kind={isCopied ? 'primary' : 'plain'} onPress={leave}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  );
}

interface LeaveQuestionProps {
  readonly kind: SampleCaller['kind'];
  readonly secret: OneTimeSecret;
  readonly onStay: () => void;
  readonly onLeave: () => void;
}

/** Asks before a secret is lost that nobody has copied. */
function LeaveQuestion({ kind, secret, onStay, onLeave }: LeaveQuestionProps) {
  return (
    <Dialog title={`Close without the ${kind}?`} role="alertdialog" onClose={onStay}>
      <DialogBody>
        <p>You have not copied the {kind} yet. Once this closes, nobody can show it to you again.</p>
      </DialogBody>
      <DialogActions>
        <Button kind="quiet" onPress={onLeave}>
          Close without copying
        </Button>
        <Button onPress={onStay} autoFocus>
          {`Back to the ${kind}`}
        </Button>
        <CopyButton kind="primary" label="Copy and close" read={() => secret.read()} onCopied={onLeave} />
      </DialogActions>
    </Dialog>
  );
}
