import { useState } from 'react';
import type { SampleCall } from '../keys/sample-call.ts';
import { Button } from '../ui/button.tsx';
import { Time } from '../ui/time.tsx';
import type { OneTimeSecret } from './one-time-secret.ts';
import { type CallOutcome, sendSampleCall } from './test-call.ts';

const LOOKS = 8;
const BETWEEN_LOOKS_MS = 1_000;

export interface TestItProps {
  readonly call: SampleCall;
  readonly secret: OneTimeSecret;
  /** When the credential was last used; `null` before its first use. */
  readonly readLastUse: () => Promise<string | null>;
}

/** Makes the first call from this page, and then watches "last used" move. */
export function TestIt({ call, secret, readLastUse }: TestItProps) {
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<CallOutcome>();
  const [lastUsedAt, setLastUsedAt] = useState<string | null>(null);
  const test = async () => {
    setBusy(true);
    const before = await readLastUse().catch(() => null);
    setOutcome(await sendSampleCall(call, secret.read()));
    for (let look = 0; look < LOOKS; look++) {
      const lastUse = await readLastUse().catch(() => null);
      setLastUsedAt(lastUse);
      if (lastUse !== before) break;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS_MS));
    }
    setBusy(false);
  };
  return (
    <div className="test-it">
      <Button onPress={test} isBusy={isBusy}>
        Test it
      </Button>
      <p role="status">
        {outcome?.kind === 'answered' && (
          <span className={outcome.status < 400 ? 'good' : 'bad'}>
            Answered {outcome.status} in {outcome.milliseconds} ms.
          </span>
        )}
        {outcome?.kind === 'blocked' && 'The API does not take calls from this page. Use your terminal.'}
        {lastUsedAt !== null && (
          <>
            {' '}
            Last used <Time at={lastUsedAt} />.
          </>
        )}
      </p>
    </div>
  );
}
