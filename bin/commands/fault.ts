import { sentenceOf } from '../aws-fault.ts';
import { EXIT } from './failure.ts';

/** What to say about an error that no command expected. */
export function explainFault(error: unknown) {
  return { exitCode: EXIT.failed, sentence: sentenceOf(error) };
}
