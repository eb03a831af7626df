/**
 * How a command ends. Scripts may compare these numbers, so they stay.
 * 130 is the shell's own, for Ctrl-C.
 */
export const EXIT = {
  done: 0,
  /** The API or AWS refused, a check found mistakes, or something failed. */
  failed: 1,
  /** The command was typed wrongly, or a value in it is not valid. Nothing was changed. */
  usage: 2,
  /** There is no connection, or its credential is not valid any more. */
  not_signed_in: 3,
  not_found: 4,
  /** Somebody else changed it, a name is taken, or a limit is reached. */
  conflict: 5,
  /** The API was not reached, or cannot answer now. Trying again later may help. */
  unavailable: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a sentence on stderr. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.exitCode = exitCode;
  }
}

/** Ends a command that has said everything already. */
export class SilentFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode) {
    super('The command has said what went wrong.');
    this.exitCode = exitCode;
  }
}
