import type { ChildProcessByStdio } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** Where a process of its own synthesizes to. */
export interface AssemblyFolder {
  readonly assemblyDirectory: string;
  /** For `TMPDIR` of that process: what it leaves there when it is ended is deleted as well. */
  readonly temporary: string;
}

/** Makes a temporary folder that is deleted when this process ends. */
export function makeAssemblyFolder(): AssemblyFolder {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-assembly-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const temporary = join(folder, 'temporary');
  mkdirSync(temporary);
  return { assemblyDirectory: join(folder, 'assembly'), temporary };
}

/** How a process has ended, and all that it has written. */
export interface EndedProcess {
  readonly output: string;
  readonly complaint: string;
  /** `null` for a process that was ended, or could not be started. */
  readonly exitCode: number | null;
}

export async function endOfProcess(
  child: ChildProcessByStdio<null, Readable, Readable>,
): Promise<EndedProcess> {
  const code = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
    child.once('error', () => resolve(null));
  });
  const [output, complaint, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), code]);
  return { output, complaint, exitCode };
}
