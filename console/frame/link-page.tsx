import { useApp } from '../app-context.tsx';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Brand } from './frame.tsx';

/** Asks before a link takes the place of the sign-in of this tab: somebody else may have sent the link. */
export function LinkQuestion({ problem }: { readonly problem: string | null }) {
  const { config, signIn } = useApp();
  return (
    <main className="entry">
      <div className="entry-card">
        <Brand />
        <h1>Open the link, or stay?</h1>
        <p>
          This link signs somebody in for {config.product}. You are signed in already. Opening the link ends
          your present sign-in.
        </p>
        <p className="hint">Stay if you did not expect the link.</p>
        {problem !== null && (
          <div role="alert">
            <Notice kind="danger">
              <p>{problem}</p>
            </Notice>
          </div>
        )}
        <Button kind="primary" onPress={() => signIn.stay()}>
          Stay signed in
        </Button>
        <Button onPress={() => signIn.openLink()}>Open the link</Button>
      </div>
    </main>
  );
}

/** Says that a link was not taken, and leads back to the sign-in of this tab. */
export function LinkRefusal({ reason }: { readonly reason: string }) {
  const { signIn } = useApp();
  return (
    <main className="entry">
      <div className="entry-card">
        <Brand />
        <h1>The link was not opened</h1>
        <div role="status">
          <Notice kind="info">
            <p>{reason}</p>
          </Notice>
        </div>
        <p>Your sign-in in this tab is as it was.</p>
        <Button kind="primary" onPress={() => signIn.stay()}>
          Go on
        </Button>
      </div>
    </main>
  );
}
