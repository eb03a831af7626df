import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { assertNothingIsKeptByNpm, VALUES } from '../../bin/npm-arguments.ts';

const OF_NPM = { npm_lifecycle_event: 'start' };

test.each([
  [['4610'], { npm_config_port: 'true' }, '--port 4610'],
  [[], { npm_config_port: '4610' }, '--port 4610'],
  [[], { npm_config_port: 'true' }, '--port …'],
  [['4610'], {}, '--port 4610'],
  [['supertone'], {}, '--profile supertone'],
  [['supertone'], { npm_config_profile: 'true' }, '--profile supertone'],
  [
    ['supertone', '4610'],
    { npm_config_profile: 'true', npm_config_port: 'true' },
    '--port 4610 --profile supertone',
  ],
  [
    ['30'],
    { npm_config_profile: 'supertone', npm_config_cache_seconds: 'true' },
    '--cache-seconds 30 --profile supertone',
  ],
  [[], { npm_config_json: 'true' }, '--json'],
  [
    ['http://localhost:5173'],
    { npm_config_allowed_origins: 'true' },
    '--allowed-origins http://localhost:5173',
  ],
  [[], { npm_config_allowed_origins: 'http://localhost:5173' }, '--allowed-origins http://localhost:5173'],
  [['http://localhost:5173'], {}, '--allowed-origins http://localhost:5173'],
  [['./my profiles/it.json'], {}, "--profile './my profiles/it.json'"],
  [[], { npm_config_profile: "it's.json" }, `--profile 'it'\\''s.json'`],
  [['a b.json'], { npm_config_profile: 'true' }, "--profile 'a b.json'"],
])('what npm has kept is shown as it has to be typed: %j %j', (words, kept, typed) => {
  expect(() => assertNothingIsKeptByNpm(words, { ...OF_NPM, ...kept })).toThrow(
    `: \`npm start -- ${typed}\`.`,
  );
});

test('every option of a start is looked for among what npm keeps', () => {
  const source = readFileSync('bin/local.ts', 'utf8');
  const options = [...source.matchAll(/'--([a-z-]+)/g)].map(([, option = '']) => option);
  expect(options.sort()).toEqual(Object.keys(VALUES).sort());
});

test.each([
  ['nothing was kept', OF_NPM],
  ['another script of npm’s keeps a port', { npm_lifecycle_event: 'test', npm_config_port: '4610' }],
  ['npm has settings of its own', { ...OF_NPM, npm_config_loglevel: 'silent', npm_config_port: '' }],
])('a start goes on where %s', (_, environment) => {
  expect(() => assertNothingIsKeptByNpm([], environment)).not.toThrow();
});
