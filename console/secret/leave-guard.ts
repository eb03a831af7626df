import { useEffect, useRef } from 'react';

/**
 * Keeps a view open while something in it would be lost. The browser asks before a reload and before the tab closes. The back
 * button is told to the view instead: an entry of the history that shows the same page takes the step.
 * @param options.isActive whether leaving would lose something.
 * @param options.onBack called for each step back.
 */
export function useLeaveGuard({
  isActive,
  onBack,
}: {
  readonly isActive: boolean;
  readonly onBack: () => void;
}): void {
  const latest = useRef(onBack);
  latest.current = onBack;
  useEffect(() => {
    if (!isActive) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isActive]);
  useEffect(() => {
    const place = window.location.href;
    let isOpen = true;
    window.history.pushState({ guard: true }, '', place);
    const stepBack = () => {
      if (!isOpen) return;
      window.history.pushState({ guard: true }, '', place);
      latest.current();
    };
    window.addEventListener('popstate', stepBack);
    return () => {
      isOpen = false;
      window.removeEventListener('popstate', stepBack);
      if ((window.history.state as { guard?: boolean } | null)?.guard === true) window.history.back();
    };
  }, []);
}
