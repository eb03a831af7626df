/**
 * What the runner refuses: one sentence saying what, where, and what would work. It is meant for a person's
 * eyes, so callers print its message alone, without a stack.
 */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}
