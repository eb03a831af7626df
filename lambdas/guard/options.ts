import { unixNow } from '../environment.ts';

export interface GuardOptions {
  /**
   * Unix seconds.
   * @default the system's clock
   */
  readonly now?: () => number;
}

/** @throws at start for an option that does not exist, so that nobody relies on what is not there. */
export function readOptions(guardName: string, options: GuardOptions): Required<GuardOptions> {
  const { now = unixNow, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Error(`${guardName}() has no option ${unknown}.`);
  return { now };
}
