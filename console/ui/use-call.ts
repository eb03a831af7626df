import { useState } from 'react';
import { useAnnounce } from './announcer.tsx';

export interface RunningCall {
  readonly isBusy: boolean;
  readonly fault: unknown;
  /**
   * Makes the call, says what was done, and closes the dialog. A refusal stays in the dialog.
   * @param call gives the sentence that says what was done; `undefined` where something else shows it.
   */
  readonly run: (call: () => Promise<string | undefined>) => Promise<void>;
}

/** One call of a dialog or a form: whether it runs, and what it was refused. Nothing is shown as done before it is. */
export function useCall(onDone: () => void): RunningCall {
  const announce = useAnnounce();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const run = async (call: () => Promise<string | undefined>) => {
    if (isBusy) return;
    setBusy(true);
    setFault(undefined);
    try {
      const done = await call();
      if (done !== undefined) announce(done);
      onDone();
    } catch (refusal) {
      setFault(refusal);
    }
    setBusy(false);
  };
  return { isBusy, fault, run };
}
