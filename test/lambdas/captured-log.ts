import { afterEach, beforeEach, jest } from '@jest/globals';

/** The lines that functions log during each test of a file, instead of printing them. */
export function capturedLog(): readonly string[] {
  const lines: string[] = [];
  beforeEach(() => {
    lines.length = 0;
    for (const method of ['log', 'error', 'warn', 'info', 'debug'] as const)
      jest.spyOn(console, method).mockImplementation((...values) => void lines.push(values.join(' ')));
    for (const output of [process.stdout, process.stderr])
      jest.spyOn(output, 'write').mockImplementation((text) => {
        lines.push(...String(text).split('\n').filter(Boolean));
        return true;
      });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  return lines;
}
