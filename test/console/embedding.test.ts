import { expect, test } from '@jest/globals';
import { readTheme } from '../../console/embedded/host-theme.ts';

test('a framing page changes a colour, a font and the scheme, and nothing else', () => {
  const look = { accent: '#ff8800', font: '"Inter", sans-serif', scheme: 'light dark' };
  const theme = { keyward: 'theme', ...look };
  const nothing = { accent: null, font: null, scheme: null };
  expect(readTheme(theme)).toEqual(look);
  const bad = {
    accent: 'url(//evil.example)',
    font: 'x; } body { display: none',
    scheme: 'light; color: red',
  };
  expect(readTheme({ ...theme, ...bad })).toEqual(nothing);
  for (const message of [null, 'theme', { ...theme, keyward: 'other' }, []])
    expect(readTheme(message)).toEqual(nothing);
});
