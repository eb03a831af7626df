/** Header names and values in the order in which they arrived. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/**
 * The headers that API Gateway removes before a function sees the request.
 * @see "Amazon API Gateway important notes", the table of dropped and remapped headers
 */
const DROPPED_FROM_REQUESTS = [
  'connection',
  'content-length',
  'content-md5',
  'expect',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
];

/** The headers that API Gateway removes from a function's response, and those that it renames. From the same table. */
const DROPPED_FROM_RESPONSES = [
  'expect',
  'host',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
const REMAPPED_IN_RESPONSES = [
  'authorization',
  'connection',
  'content-md5',
  'date',
  'max-forwards',
  'server',
  'user-agent',
  'www-authenticate',
];

export function headersForFunction(headers: HeaderList): HeaderList {
  return headers.filter(([name]) => !DROPPED_FROM_REQUESTS.includes(name.toLowerCase()));
}

export function headersFromFunction(headers: HeaderList): HeaderList {
  return (
    headers
      .filter(([name]) => !DROPPED_FROM_RESPONSES.includes(name.toLowerCase()))
      // The length of the body that leaves the gateway.
      .filter(([name]) => name.toLowerCase() !== 'content-length')
      .map(([name, value]) =>
        REMAPPED_IN_RESPONSES.includes(name.toLowerCase())
          ? [`x-amzn-Remapped-${name}`, value]
          : [name, value],
      )
  );
}

/** The last value of a header, whatever the case of its name. */
export function headerValue(headers: HeaderList, name: string): string | undefined {
  return headers.findLast(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];
}

/**
 * Groups repeated names. Two spellings of one header share a group under the first spelling. The documentation
 * does not say what AWS does there.
 */
export function groupHeaders(headers: HeaderList): Record<string, string[]> {
  const spelling = new Map<string, string>();
  // A caller may name a header `__proto__`.
  const groups: Record<string, string[]> = Object.create(null);
  for (const [name, value] of headers) {
    const first = spelling.get(name.toLowerCase()) ?? name;
    spelling.set(name.toLowerCase(), first);
    const group = groups[first] ?? [];
    group.push(value);
    groups[first] = group;
  }
  return groups;
}

export function pairHeaders(rawHeaders: readonly string[]): HeaderList {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    pairs.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  }
  return pairs;
}
