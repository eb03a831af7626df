import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';

const Announce = createContext<(sentence: string) => void>(() => undefined);

const SHOWN_MS = 6_000;

/** Shows what has been done, for some seconds, and tells it to screen readers. */
export function Announcer({ children }: { readonly children: ReactNode }) {
  const [said, setSaid] = useState({ sentence: '', count: 0 });
  const announce = useCallback(
    (sentence: string) => setSaid(({ count }) => ({ sentence, count: count + 1 })),
    [],
  );
  useEffect(() => {
    if (said.sentence === '') return undefined;
    const timer = setTimeout(() => setSaid(({ count }) => ({ sentence: '', count })), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <Announce.Provider value={announce}>
      {children}
      <div className="announcer" role="status">
        {said.sentence !== '' && <p key={said.count}>{said.sentence}</p>}
      </div>
    </Announce.Provider>
  );
}

export function useAnnounce(): (sentence: string) => void {
  return useContext(Announce);
}
