import { useEffect, useState } from 'react';
import { Button } from './button.tsx';

export interface CopyButtonProps {
  /** Asked for at the press, so that the text need not be kept in the page. */
  readonly read: () => string;
  readonly label: string;
  readonly kind?: 'primary' | 'plain' | 'quiet';
  readonly onCopied?: () => void;
  readonly onRefused?: () => void;
}

const SHOWN_MS = 4_000;

export function CopyButton({ read, label, kind = 'plain', onCopied, onRefused }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(read());
    } catch {
      onRefused?.();
      return;
    }
    setCopied(true);
    onCopied?.();
  };
  return (
    <>
      <Button kind={kind} icon={isCopied ? 'check' : 'copy'} onPress={copy}>
        {isCopied ? 'Copied' : label}
      </Button>
      <span role="status" className="visually-hidden">
        {isCopied ? 'Copied to the clipboard.' : ''}
      </span>
    </>
  );
}
