import { isolate } from '../text/words.ts';

/** What the members of a workspace are called, by their ids; `null` for a member without a name. */
export type MemberNames = ReadonlyMap<string, string | null>;

/** What it takes to name a user for the person who reads. */
export interface NameContext {
  /** The id of the person who reads. */
  readonly ownId: string;
  /** `undefined` while the members are not known. */
  readonly names: MemberNames | undefined;
}

/** A user in a sentence. Two people may have one name, so the id has to stand nearby. */
export function shortNameOf(id: string, { ownId, names }: NameContext): string {
  return id === ownId ? 'You' : isolate(names?.get(id) ?? id);
}

/** A user in one line of text that fits nobody else. */
export function fullNameOf(id: string, context: NameContext): string {
  const short = shortNameOf(id, context);
  return id === context.ownId || !context.names?.get(id) ? short : `${short} (${isolate(id)})`;
}
