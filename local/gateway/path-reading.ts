/**
 * How to read different spellings of a path. The documentation does not say, so an API must be right under every reading. Tests
 * run with other readings.
 */
export interface PathReading {
  /** Whether `/users/` is `/users`. */
  readonly endingSlash: 'ignored' | 'counts';
  /** Whether `//users` is `/users`. */
  readonly doubledSlash: 'merged' | 'counts';
  /** Whether `/%75sers` is `/users`. */
  readonly fixedParts: 'decoded' | 'as_sent';
  /** Whether `/users%2F1` is `/users/1`. */
  readonly encodedSlash: 'slash' | 'letter';
  /** Which path a function's permission must match: the called path, or that of the matched resource. */
  readonly invokedFor: 'path' | 'resource';
}

export const ASSUMED_READING: PathReading = {
  endingSlash: 'ignored',
  doubledSlash: 'counts',
  fixedParts: 'decoded',
  encodedSlash: 'letter',
  invokedFor: 'path',
};

export interface PathPart {
  readonly sent: string;
  /** Decoded once. */
  readonly value: string;
}

/** @throws URIError when the path is not properly encoded. */
export function readPath(path: string, reading: PathReading): PathPart[] {
  const { endingSlash, doubledSlash, encodedSlash } = reading;
  let text = encodedSlash === 'slash' ? path.replaceAll(/%2f/gi, '/') : path;
  if (doubledSlash === 'merged') text = text.replaceAll(/\/{2,}/g, '/');
  if (endingSlash === 'ignored') text = text.replace(/(.)\/$/, '$1');
  if (text === '/') return [];
  return text
    .replace(/^\//, '')
    .split('/')
    .map((sent) => ({ sent, value: decodeURIComponent(sent) }));
}
