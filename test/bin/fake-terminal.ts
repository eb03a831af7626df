import type { Surroundings } from '../../bin/commands/surroundings.ts';
import type { Terminal } from '../../bin/terminal.ts';

/** What a test has somebody sit at. */
export interface Seat {
  /** How wide the terminal is. @default stdout is no terminal */
  readonly columns?: number;
  /** What is typed at one question after the other. @default nobody is there to answer */
  readonly answers?: readonly string[];
  /** What stdin holds. */
  readonly stdin?: string;
  /** @default false, as with NO_COLOR */
  readonly hasColours?: boolean;
  /** @default true */
  readonly isSeen?: boolean;
}

export interface FakeTerminal extends Terminal {
  stdout(): string;
  stderr(): string;
  /** The questions that were asked, and how. */
  readonly questions: readonly string[];
}

export function fakeTerminal(seat: Seat = {}): FakeTerminal {
  const { columns, answers, stdin = '', hasColours = false, isSeen = true } = seat;
  const written = { 1: '', 2: '' };
  const questions: string[] = [];
  const left = [...(answers ?? [])];
  const answer = async (question: string) => {
    questions.push(question);
    return left.shift() ?? '';
  };
  return {
    columns,
    hasColours,
    isInteractive: answers !== undefined,
    isTyped: answers !== undefined,
    questions,
    ask: answer,
    askHidden: (question) => answer(`(hidden) ${question}`),
    readAll: async () => stdin,
    write: (descriptor, text) => {
      written[descriptor] += text;
    },
    isSeen: () => isSeen,
    stdout: () => written[1],
    stderr: () => written[2],
  };
}

/** Surroundings in which nothing can be reached but what a test gives. */
export function surroundingsOf(terminal: Terminal, given: Partial<Surroundings> = {}): Surroundings {
  return {
    terminal,
    environment: {},
    platform: 'linux',
    access: unreachable('AWS'),
    now: () => 1_800_000_000_000,
    fetch: unreachable('The network'),
    openBrowser: async () => false,
    pause: async () => {},
    ...given,
  };
}

function unreachable(what: string) {
  return async (): Promise<never> => {
    throw new Error(`${what} was asked.`);
  };
}
