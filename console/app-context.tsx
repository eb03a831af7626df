import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import type { Api } from './api/api.ts';
import type { Membership, Person } from './api/records.ts';
import type { ServerClock } from './api/server-clock.ts';
import type { ConsoleConfig } from './config.ts';
import type { SignIn } from './sign-in/sign-in.ts';

/** What every view is given. */
export interface AppContext {
  readonly config: ConsoleConfig;
  readonly api: Api;
  readonly signIn: SignIn;
  readonly clock: ServerClock;
}

/** What the views of one workspace are given besides. */
export interface WorkspaceContext {
  readonly person: Person;
  readonly membership: Membership;
}

const App = createContext<AppContext | undefined>(undefined);
const InWorkspace = createContext<WorkspaceContext | undefined>(undefined);
const Clock = createContext<number>(0);

export const AppProvider = App.Provider;
export const WorkspaceProvider = InWorkspace.Provider;

export function useApp(): AppContext {
  return given(useContext(App));
}

export function useWorkspace(): WorkspaceContext {
  return given(useContext(InWorkspace));
}

/** The time that the page shows, in milliseconds since the Unix epoch. It moves on twice a minute. */
export function useNow(): number {
  return useContext(Clock);
}

export function ClockProvider({ children }: { readonly children: ReactNode }) {
  const { clock } = useApp();
  const [now, setNow] = useState(clock.now);
  useEffect(() => {
    const tick = () => setNow(clock.now());
    const timer = setInterval(tick, 30_000);
    const stopListening = clock.listen(tick);
    return () => {
      clearInterval(timer);
      stopListening();
    };
  }, [clock]);
  return <Clock.Provider value={now}>{children}</Clock.Provider>;
}

function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('This view stands outside of its context.');
  return value;
}
