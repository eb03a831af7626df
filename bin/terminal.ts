import { text } from 'node:stream/consumers';
import { type Output, PROCESS_OUTPUT } from './output.ts';

/** Where a command writes, and the person or program that it talks to. */
export interface Terminal extends Output {
  /** How wide stdout is, in columns; `undefined` where it leads to a file or a program and COLUMNS does not say. */
  readonly columns: number | undefined;
  readonly hasColours: boolean;
  /** Whether a person sits at stdin and reads stderr, so that a question will be answered. */
  readonly isInteractive: boolean;
  /** Whether a person would have to type what is read from stdin. */
  readonly isTyped: boolean;
  /** Asks on stderr, and reads a line. */
  ask(question: string): Promise<string>;
  /** As `ask`, and does not show what is typed. */
  askHidden(question: string): Promise<string>;
  /** Reads all of stdin. */
  readAll(): Promise<string>;
}

/** The terminal of this process. */
export const PROCESS_TERMINAL: Terminal = {
  ...PROCESS_OUTPUT,
  get columns() {
    return process.stdout.isTTY ? process.stdout.columns || 80 : readColumns(process.env.COLUMNS);
  },
  get hasColours() {
    return process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  },
  get isInteractive() {
    return process.stdin.isTTY === true && process.stderr.isTTY === true;
  },
  get isTyped() {
    return process.stdin.isTTY === true;
  },
  ask: askOpenly,
  askHidden,
  readAll: () => text(process.stdin),
};

/** Reads the width that somebody has set for a program that is no terminal. */
export function readColumns(text: string | undefined): number | undefined {
  return /^[1-9]\d{0,3}$/.test(text ?? '') ? Number(text) : undefined;
}

async function askOpenly(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-D ends the question without an answer.
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  lines.once('SIGINT', () => process.exit(130));
  const answer = await Promise.race([lines.question(question), ended]);
  lines.close();
  return answer;
}

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const BACKSPACES = ['\u0008', '\u007f'];

/** Reads a line key by key, because only then the terminal does not show it. Ctrl-C arrives as a character. */
function askHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8').resume();
  return new Promise((resolve) => {
    let typed = '';
    const finish = (answer: string) => {
      stdin.setRawMode(false);
      stdin.off('data', read).pause();
      stderr.write('\n');
      resolve(answer);
    };
    const read = (keys: string) => {
      for (const key of keys) {
        if (key === '\r' || key === '\n' || key === CTRL_D) return finish(typed);
        if (key === CTRL_C) {
          finish('');
          process.exit(130);
        }
        typed = BACKSPACES.includes(key) ? typed.slice(0, -1) : typed + key;
      }
    };
    stdin.on('data', read);
  });
}
