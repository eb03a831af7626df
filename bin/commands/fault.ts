import type { KeywardError } from '../../client/index.ts';
import { sentenceOf } from '../aws-fault.ts';
import { EXIT, type ExitCode } from './failure.ts';

interface Explained {
  readonly exitCode: ExitCode;
  /** For a person at a terminal. */
  readonly sentence: string;
}

/** What to say about an error that no command expected, and how the command ends. */
export function explainFault(error: unknown): Explained {
  // The class itself stays unloaded: most commands that fail have no client.
  if (error instanceof Error && error.name === 'KeywardError') return explainRefusal(error as KeywardError);
  return { exitCode: EXIT.failed, sentence: sentenceOf(error) };
}

function explainRefusal({ status, code, detail, retryAfterSeconds, requestId }: KeywardError): Explained {
  const next = nextStep(code, retryAfterSeconds);
  const reference = status !== null && status >= 500 && requestId !== null ? ` (Request ${requestId}.)` : '';
  return { exitCode: exitCodeOf(status), sentence: `${detail}${next === '' ? '' : ` ${next}`}${reference}` };
}

function exitCodeOf(status: number | null): ExitCode {
  switch (status) {
    case 401:
      return EXIT.not_signed_in;
    case 404:
      return EXIT.not_found;
    case 409:
    case 429:
      return EXIT.conflict;
    default:
      return status === null || status < 400 || status >= 500 ? EXIT.unavailable : EXIT.failed;
  }
}

/** What to do, where the answer of the API cannot know it. */
function nextStep(code: string, retryAfterSeconds: number | null): string {
  switch (code) {
    case 'unauthorized':
      return 'Sign in again with `keyward login`, or look at KEYWARD_KEY.';
    case 'network':
    case 'timeout':
      return 'Check the URL with `keyward connections list`, or KEYWARD_URL, and that it runs.';
    default:
      return retryAfterSeconds === null ? '' : `Try again in ${retryAfterSeconds} seconds.`;
  }
}
