import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { isOutdated } from '../api/problem.ts';
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
  const queries = useQueryClient();
  const isOld = useRef(false);
  // The dialog may stand in the row of what has changed, so the page reads it again once the dialog has closed.
  useEffect(
    () => () => {
      if (isOld.current) void queries.invalidateQueries();
    },
    [queries],
  );
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
      isOld.current ||= isOutdated(refusal);
    }
    setBusy(false);
  };
  return { isBusy, fault, run };
}
