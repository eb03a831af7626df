import { useState } from 'react';
import { describeProblem } from '../api/problem.ts';
import { useApp } from '../app-context.tsx';
import { isEmbedded } from '../embedded/embedding.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Brand } from './frame.tsx';

export interface SignInPageProps {
  /** Why they are here; `null` where nothing went wrong. */
  readonly reason: string | null;
  /** Whether the product's link had signed them in. The issuer need not know them, so it is not offered. */
  readonly wasSession: boolean;
}

/** What people see who are not signed in. The address stays, and they come back to it. */
export function SignInPage({ reason, wasSession }: SignInPageProps) {
  const { config, signIn } = useApp();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const start = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await signIn.start();
    } catch (fault) {
      setProblem(`The sign-in page cannot be reached. Try again in a moment. (${describeProblem(fault)})`);
      setBusy(false);
    }
  };
  return (
    <main className="entry">
      <div className="entry-card">
        <Brand />
        <h1>{config.place.at(-1)}</h1>
        {reason !== null && (
          <div role="status">
            <Notice kind="info">
              <p>{reason}</p>
            </Notice>
          </div>
        )}
        {config.sign_in === null || wasSession || isEmbedded() ? (
          <p>Open this page from {config.product}. It signs you in with a link that works once.</p>
        ) : (
          <>
            <p>Sign in to create, see and revoke the keys of your {config.words.workspaces}.</p>
            <Button kind="primary" onPress={start} isBusy={isBusy}>
              Sign in
            </Button>
          </>
        )}
        {config.return_url !== null && (
          <a className="return" href={config.return_url} target="_top">
            Back to {config.product}
          </a>
        )}
        {problem !== undefined && (
          <div role="alert">
            <Notice kind="danger">
              <p>{problem}</p>
            </Notice>
          </div>
        )}
      </div>
    </main>
  );
}
