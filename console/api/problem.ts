import { KeywardError } from '../../client/index.ts';

/** A sentence for people about anything that was thrown. */
export function describeProblem(fault: unknown): string {
  if (fault instanceof KeywardError) {
    if (fault.code === 'network' || fault.code === 'timeout')
      return 'The server cannot be reached. Check your connection, and try again.';
    if (fault.code === 'already_done')
      return 'It was done, but the answer with the secret was lost on the way. Nobody can show it again.';
    if (fault.code === 'bad_answer') return 'The server gave no proper answer. Try again in a moment.';
    return fault.detail;
  }
  return fault instanceof Error && fault.message !== '' ? fault.message : 'Something went wrong. Try again.';
}

/** With it an operator finds the request in the logs; `null` where there was no answer. */
export function requestIdOf(fault: unknown): string | null {
  return fault instanceof KeywardError ? fault.requestId : null;
}

/** Whether the API shows nothing under this name to this person. */
export function isHidden(fault: unknown): boolean {
  return fault instanceof KeywardError && (fault.status === 404 || fault.status === 403);
}

/** Whether a key was not made because there are as many as there may be. */
export function isLimitReached(fault: unknown): boolean {
  return fault instanceof KeywardError && fault.code === 'key_limit_reached';
}

/** The id of what an earlier try of the same call has made; `null` for any other fault. */
export function madeIdOf(fault: unknown): string | null {
  return fault instanceof KeywardError && fault.code === 'already_done' ? fault.madeId : null;
}

/** Whether what was to be changed is not as the page has shown it: it has ended, or somebody else has changed it. */
export function isOutdated(fault: unknown): boolean {
  return fault instanceof KeywardError && (fault.status === 404 || fault.status === 409);
}

/** Whether the API has refused one field. */
export function isAboutField(fault: unknown, field: string): boolean {
  return fault instanceof KeywardError && fault.field !== null && fault.field.startsWith(field);
}
