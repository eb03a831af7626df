import { expect, test } from '@jest/globals';
import { CommanderError } from 'commander';
import { assertNothingIsKeptByNpm, VALUES } from '../../bin/start-checks.ts';
import { createStartCommand } from '../../bin/start-options.ts';

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

test('every option of `npm start` is recognised if npm keeps it for itself', () => {
  const options = createStartCommand().options.map(({ long }) => long?.slice('--'.length));
  expect(options.sort()).toEqual(Object.keys(VALUES).sort());
});

test.each([
  ['a port that is no number', ['--port', 'http'], /--port.* It must be a whole number from 0 to 65533/],
  ['a port that leaves no next one', ['--port', '65534'], /--port.* It must be a whole number/],
  ['a cache of no time', ['--cache-seconds', '0'], /It must be a whole number from 1 to 60/],
  ['a cache of more than a minute', ['--cache-seconds', '61'], /It must be a whole number from 1 to 60/],
  ['an unknown option', ['--prot', '1'], /^error: unknown option '--prot'/],
])('%s is refused with a sentence on stderr', (_, args, sentence) => {
  let said = '';
  const command = createStartCommand().exitOverride();
  command.configureOutput({
    writeErr: (text) => {
      said += text;
    },
  });
  expect(() => command.parse(args, { from: 'user' })).toThrow(CommanderError);
  expect(said.split('\n')[0]).toMatch(sentence);
});

test.each([
  ['nothing was kept', OF_NPM],
  ['another script of npm’s keeps a port', { npm_lifecycle_event: 'test', npm_config_port: '4610' }],
  ['npm has settings of its own', { ...OF_NPM, npm_config_loglevel: 'silent', npm_config_port: '' }],
])('a start goes on where %s', (_, environment) => {
  expect(() => assertNothingIsKeptByNpm([], environment)).not.toThrow();
});
