import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Connections, NO_CONNECTIONS, parseConnections } from './connection.ts';

/** The file that holds a user's connections, and with them credentials. Nobody else may read it. */
export interface ConnectionFile {
  /** @throws {Error} a sentence where others can read the file, or it is none of this program. */
  read(): Connections;
  /**
   * Reads the file and puts another in its place, whole or not at all. Of two commands at the same moment the later one wins.
   * @throws {Error} a sentence where the file cannot be written, or as `read` does.
   */
  update(change: (connections: Connections) => Connections): void;
}

/** What others may do with a file or a folder, as bits of its mode. */
const READABLE_BY_OTHERS = 0o077;
const WRITABLE_BY_OTHERS = 0o022;

/** @param platform Windows has no such modes, and keeps the folders of users apart itself. */
export function openConnectionFile(folder: string, platform: NodeJS.Platform): ConnectionFile {
  const path = join(folder, 'connections.json');
  const isChecked = platform !== 'win32';

  function read(): Connections {
    const text = readText();
    if (text === undefined) return NO_CONNECTIONS;
    const connections = parseConnections(text);
    if (connections !== undefined) return connections;
    throw new Error(
      `The file ${path} holds no connections that this version can read: delete it, and sign in again.`,
    );
  }

  function readText(): string | undefined {
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
      throw new Error(`The file ${path} cannot be read (${codeOf(error)}).`, { cause: error });
    }
    try {
      if (isChecked && fstatSync(descriptor).mode & READABLE_BY_OTHERS)
        throw new Error(`Others may read ${path}, which holds credentials: run \`chmod 600 ${path}\`.`);
      return readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
  }

  function update(change: (connections: Connections) => Connections): void {
    const text = `${JSON.stringify(change(read()), null, 2)}\n`;
    const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Somebody who may write to the folder could put another file in the place of this one.
      if (isChecked && statSync(folder).mode & WRITABLE_BY_OTHERS)
        throw new Error(`Others may write to ${folder}: run \`chmod 700 ${folder}\`.`);
      writeFileSync(draft, text, { mode: 0o600, flag: 'wx', flush: true });
      renameSync(draft, path);
    } catch (error) {
      rmSync(draft, { force: true });
      if (codeOf(error) === undefined) throw error;
      throw new Error(`The file ${path} cannot be written (${codeOf(error)}).`, { cause: error });
    }
  }

  return { read, update };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
