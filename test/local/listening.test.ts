import { createServer } from 'node:http';
import { expect, test } from '@jest/globals';
import { close, findPorts, listen } from '../../local/listening.ts';

test('ports that are found are free, in a row, and none that the system would give to somebody else', async () => {
  const first = await findPorts(3);
  const servers = [0, 1, 2].map(() => createServer());
  try {
    const urls = await Promise.all(servers.map((server, index) => listen(server, first + index)));
    expect(urls).toEqual([0, 1, 2].map((index) => `http://127.0.0.1:${first + index}`));
    // Linux gives ports from 32768 on, and other systems from 49152 on.
    expect(first + 2).toBeLessThan(32_768);
  } finally {
    await Promise.all(servers.map(close));
  }
});
