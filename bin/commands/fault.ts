import type { Command } from 'commander';
import type { KeywardError } from '../../client/index.ts';
import { GATEWAY_PROBLEMS } from '../../core/errors/gateway-problem.ts';
import { sentenceOf } from '../aws-fault.ts';
import { wordForCommand } from './api-wording.ts';
import { EXIT, type ExitCode } from './failure.ts';

interface Explained {
  readonly exitCode: ExitCode;
  /** For a person at a terminal. */
  readonly sentence: string;
}

/**
 * What to say about an error that no command expected, and how the command ends.
 * @param command the one that failed; `undefined` if none was found yet.
 */
export function explainFault(error: unknown, command: Command | undefined): Explained {
  // The class itself stays unloaded: most commands that fail have no client.
  if (error instanceof Error && error.name === 'KeywardError')
    return explainRefusal(error as KeywardError, command);
  return { exitCode: EXIT.failed, sentence: sentenceOf(error) };
}

/** Tells that the API has no such route. Its code is that of a thing that is not there. @param detail what the API says. */
export function isUnknownRoute(detail: string): boolean {
  return detail.startsWith(GATEWAY_PROBLEMS.no_route.detail);
}

function explainRefusal(
  { status, code, detail, field, retryAfterSeconds, requestId }: KeywardError,
  command: Command | undefined,
): Explained {
  if (isOtherApi(code, status) || detail === GATEWAY_PROBLEMS.no_route.detail)
    return { exitCode: EXIT.failed, sentence: `${OTHER_API} ${WHERE_URL}` };
  // A management API lists its routes then, which nobody types.
  if (isUnknownRoute(detail)) return { exitCode: EXIT.failed, sentence: `${OTHER_VERSION} ${WHERE_URL}` };
  const said = wordForCommand(detail, { field, command });
  const next = nextStep(code, retryAfterSeconds);
  const reference = status !== null && status >= 500 && requestId !== null ? ` (Request ${requestId}.)` : '';
  return { exitCode: exitCodeOf(status), sentence: `${said}${next === '' ? '' : ` ${next}`}${reference}` };
}

/** Tells an answer without the shape of Keyward's, where trying again would not help. */
function isOtherApi(code: string, status: number | null): boolean {
  return code === 'bad_answer' && status !== null && status < 500 && status !== 429;
}

const OTHER_API =
  'This address answers, but not as Keyward’s management API. Perhaps it is the API of the product, or something in front of it answers.';
const OTHER_VERSION =
  'The API does not know this call: it is of another version, or it is not a management API.';
const WHERE_URL = 'Check the URL: `keyward connections list` shows it, or KEYWARD_URL holds it.';

function exitCodeOf(status: number | null): ExitCode {
  switch (status) {
    case 400:
    case 422:
      return EXIT.usage;
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
      return `Look whether it runs. ${WHERE_URL}`;
    default:
      return retryAfterSeconds === null ? '' : `Try again in ${retryAfterSeconds} seconds.`;
  }
}
