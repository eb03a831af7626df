import { useRef, useState } from 'react';
import { useChanged } from '../api/queries.ts';
import type { ApiKey } from '../api/records.ts';
import { useApp, useNow } from '../app-context.tsx';
import { countOf } from '../text/words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Notice, Problem } from '../ui/notice.tsx';
import { useCall } from '../ui/use-call.ts';
import { type BulkAction, type Outcomes, runBulk } from './bulk-run.ts';
import { isInUse, nameOfKey } from './key-words.ts';

export interface BulkDialogProps {
  readonly action: BulkAction;
  readonly keys: readonly ApiKey[];
  readonly onClose: () => void;
}

/** Shows what one action would do to many keys, does it, and says what became of each. */
export function BulkDialog({ action, keys: asked, onClose }: BulkDialogProps) {
  const { api } = useApp();
  const now = useNow();
  // The selection changes while the keys do; the dialog goes on with those that it was opened for.
  const [keys] = useState(asked);
  const [outcomes, setOutcomes] = useState<Outcomes>(new Map());
  const [phase, setPhase] = useState<'asking' | 'running' | 'stopping' | 'done'>('asking');
  const [typed, setTyped] = useState('');
  const isStopped = useRef(false);
  const keysChanged = useChanged('keys', keys[0]?.workspace ?? '');
  const { fault, run } = useCall(() => undefined);
  const used = keys.filter((key) => isInUse(key, now)).length;
  const mustType = action === 'revoke' && used > 0 && phase === 'asking' && outcomes.size === 0;
  const act = () =>
    run(async () => {
      setPhase('running');
      isStopped.current = false;
      const rest = keys.filter(({ id }) => !outcomes.has(id));
      try {
        await runBulk(api, {
          action,
          keys: rest,
          onProgress: (some) => setOutcomes(new Map([...outcomes, ...some])),
          isStopped: () => isStopped.current,
        });
        setPhase('done');
      } catch (failure) {
        setPhase('asking');
        throw failure;
      } finally {
        await keysChanged();
      }
      return undefined;
    });
  const stop = () => {
    isStopped.current = true;
    setPhase('stopping');
  };
  const isRunning = phase === 'running' || phase === 'stopping';
  const verb = action === 'revoke' ? 'Revoke' : 'Disable';
  const count = countOf(keys.length, 'key');
  return (
    <Dialog title={`${verb} ${count}?`} role="alertdialog" onClose={isRunning ? stop : onClose}>
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
        {used > 0 && phase === 'asking' && (
          <Notice kind="warning">
            <p>
              {used === 1 ? '1 of them was' : `${used.toLocaleString('en')} of them were`} used within the
              last day. Programs that use {used === 1 ? 'it' : 'them'} will be refused.
            </p>
          </Notice>
        )}
        <ul className="bulk-keys">
          {keys.map((key) => (
            <li key={key.id}>
              <span dir="auto">{nameOfKey(key)}</span>
              <code className="start">{key.start}…</code>
              <span className="hint">{outcomes.get(key.id) ?? (phase === 'done' ? 'Not reached' : '')}</span>
            </li>
          ))}
        </ul>
        {mustType && (
          <TextField
            label={`Type ${keys.length}, the number of keys, to revoke them`}
            value={typed}
            onChange={setTyped}
          />
        )}
        {fault !== undefined && <Problem fault={fault} />}
      </DialogBody>
      <DialogActions>
        {phase !== 'asking' && (
          <p className="summary" role="status">
            {describeProgress(outcomes.size, keys.length, phase)}
          </p>
        )}
        {phase === 'asking' && (
          <>
            <Button onPress={onClose} autoFocus>
              {outcomes.size === 0 ? 'Cancel' : 'Close'}
            </Button>
            <Button kind="danger" onPress={act} isDisabled={mustType && typed.trim() !== `${keys.length}`}>
              {outcomes.size === 0 ? `${verb} ${count}` : 'Go on'}
            </Button>
          </>
        )}
        {isRunning && (
          <Button onPress={stop} isBusy={phase === 'stopping'} autoFocus>
            Stop
          </Button>
        )}
        {phase === 'done' && (
          <Button kind="primary" onPress={onClose} autoFocus>
            Done
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}

function describeProgress(done: number, all: number, phase: 'running' | 'stopping' | 'done'): string {
  const progress = `${done.toLocaleString('en')} of ${countOf(all, 'key')}`;
  if (phase === 'done')
    return done < all ? `Stopped after ${progress}.` : `Went through ${countOf(all, 'key')}.`;
  return phase === 'stopping' ? `Stopping after this step: ${progress} so far.` : `${progress} so far.`;
}
