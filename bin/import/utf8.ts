import type { Readable } from 'node:stream';

/**
 * Decodes a file piece by piece, without its byte order mark. Every line ends with a line feed only, whatever the system that
 * wrote it uses.
 * @throws {Error} a sentence, where it is not UTF-8.
 */
export async function* decodeUtf8(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  // The two characters of one line break may come in two pieces.
  let held = '';
  for await (const chunk of stream) {
    const text = held + decode(decoder, chunk as Uint8Array);
    held = text.endsWith('\r') ? '\r' : '';
    yield withLineFeeds(text.slice(0, text.length - held.length));
  }
  yield withLineFeeds(held + decode(decoder));
}

function decode(decoder: InstanceType<typeof TextDecoder>, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch (error) {
    throw new Error('The file is not UTF-8.', { cause: error });
  }
}

function withLineFeeds(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n');
}
