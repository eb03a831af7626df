/**
 * The runner cannot run something. The message is one sentence: what, where, and what would work. People
 * read it, so callers print the message without the stack trace.
 */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}
