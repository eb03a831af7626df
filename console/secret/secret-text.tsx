import { useEffect, useRef, useState } from 'react';
import { IconButton } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import type { OneTimeSecret } from './one-time-secret.ts';

export interface SecretTextProps {
  readonly kind: 'key' | 'token';
  readonly secret: OneTimeSecret;
  /** The part that may be shown. */
  readonly start: string;
  readonly onCopied: () => void;
}

/** The secret, masked until somebody wants to see it, with a button that copies it. */
export function SecretText({ kind, secret, start, onCopied }: SecretTextProps) {
  const box = useRef<HTMLElement>(null);
  const [isShown, setShown] = useState(false);
  const [isRefused, setRefused] = useState(false);
  // React would keep a text that it renders. So the text goes into the page past React, and out again.
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const hidden = Math.max(8, secret.read().length - start.length);
    element.textContent = isShown ? secret.read() : `${start}${'•'.repeat(hidden)}`;
    return () => {
      element.textContent = '';
    };
  }, [secret, start, isShown]);
  const refuse = () => {
    setShown(true);
    setRefused(true);
  };
  return (
    <div className="secret">
      <div className="secret-row">
        <code
          ref={box}
          className="secret-text"
          data-testid="secret"
          onCopy={isShown ? onCopied : undefined}
        />
        <IconButton
          icon={isShown ? 'eye_off' : 'eye'}
          label={isShown ? `Hide the ${kind}` : `Show the ${kind}`}
          onPress={() => setShown(!isShown)}
        />
      </div>
      <CopyButton
        kind="primary"
        label={`Copy ${kind}`}
        read={() => secret.read()}
        onCopied={onCopied}
        onRefused={refuse}
      />
      {isRefused && (
        <p className="field-problem" role="alert">
          The browser did not allow copying. Select the {kind} and copy it yourself.
        </p>
      )}
    </div>
  );
}
