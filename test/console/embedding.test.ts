import { expect, test } from '@jest/globals';
import { readTheme } from '../../console/embedded/host-theme.ts';

test('a framing page changes a colour and a font, and nothing else', () => {
  const theme = { keyward: 'theme', accent: '#ff8800', font: '"Inter", sans-serif' };
  expect(readTheme(theme)).toEqual({ accent: '#ff8800', font: '"Inter", sans-serif' });
  expect(readTheme({ ...theme, accent: 'url(//evil.example)', font: 'x; } body { display: none' })).toEqual({
    accent: null,
    font: null,
  });
  for (const message of [null, 'theme', { ...theme, keyward: 'other' }, []])
    expect(readTheme(message)).toEqual({ accent: null, font: null });
});
