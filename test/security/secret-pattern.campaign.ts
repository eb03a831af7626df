import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { secretPatternText } from '../../bin/secret-patterns.ts';
import { MANAGEMENT_KEY } from '../../core/credential/credential-type.ts';
import { BASE62, generateKey, hasFormat, type KeyFormat } from '../../core/credential/key-text.ts';
import { credentialTypesOf } from '../../core/profile/profile.ts';
import { type SecretPattern, secretPatternsOf } from '../../core/profile/secret-pattern.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { endOf } from '../bin/command-line.ts';
import { ROOT, run } from '../bin/processes.ts';
import { type Drawn, drawnFor } from './drawn.ts';
import { tallied } from './tally.ts';

/** For each kind of credential of each profile. */
const COUNT = 10_000;

const PROFILES = ['standard', 'supersonic', 'socialcrm', 'sophic', 'supertone'];

interface Subject {
  readonly name: string;
  readonly format: KeyFormat;
  readonly pattern: SecretPattern;
  /** Texts around a key, as leaks have them. */
  readonly places: readonly ((key: string) => string)[];
}

const ANYWHERE: Subject['places'] = [
  (key) => key,
  (key) => `{"secret":"${key}","id":1}`,
  (key) => JSON.stringify({ log: `sent\n${key}\nto` }),
  (key) => `KEYWARD_KEY=${key}\nOTHER=1`,
  (key) => `export KEY='${key}'`,
  (key) => `https://api.example.com/users?key=${key}&page=2`,
  (key) => `https://example.com/?next=%2Fusers%3Fkey%3D${key}%26page%3D2`,
  (key) => `curl -H "Authorization: Bearer ${key}" https://api.example.com`,
  (key) => `_${key}_ and \`more\``,
  (key) => `The key is ${key}.`,
  (key) => `\t${key}\r\n`,
  (key) => `[${key},null]`,
  (key) => `https://example.com/?q=100%25${key}`,
  (key) => `char key[] = "\\0${key}\\0";`,
];

const behindEscapes = (name: string): Subject['places'] =>
  ESCAPES.map((written) => (key) => `${name}${written}${key}${written}`);

type Encode = (code: number) => string;

const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0');

/** How text is written inside other text: in code, JSON, URLs, HTML and mail. Most end in a letter or a digit. */
const ENCODERS: readonly Encode[] = [
  (code) => `\\u${hex(code, 4)}`,
  (code) => `\\u${hex(code, 4).toUpperCase()}`,
  (code) => `\\U${hex(code, 8)}`,
  (code) => `\\x${hex(code, 2)}`,
  (code) => `\\${code.toString(8).padStart(3, '0')}`,
  (code) => `%${hex(code, 2).toUpperCase()}`,
  (code) => `%${hex(code, 2)}`,
  (code) => `%25${hex(code, 2)}`,
  (code) => `%u${hex(code, 4)}`,
  (code) => `&#${code};`,
  (code) => `&#x${hex(code, 2)};`,
];

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** The characters that stand around keys, each as every encoder writes it, and then as it is inside JSON inside JSON. */
const ESCAPES = [
  ...ENCODERS.flatMap((encode) => [...'"\'=:<> &/\n'].map((character) => encode(character.charCodeAt(0)))),
  ...[...'abefnrtv"\''].map((letter) => `\\${letter}`),
  ...['&quot;', '&apos;', '&lt;', '&gt;', '&amp;', '&quot', '=3D', '=C2=A0', '\u001b[1;32m', '\\u001b[0m'],
].flatMap((written) => [written, inJson(written), inJson(inJson(written))]);

const besideHeader = (header: string): Subject['places'] => [
  (key) => `${header}: ${key}`,
  (key) => `curl -H '${header.toUpperCase()}: ${key}' https://api.example.com`,
  (key) => JSON.stringify({ [header]: key }),
  (key) => JSON.stringify({ body: JSON.stringify({ [header]: key }) }),
  (key) => `${header.toUpperCase().replaceAll('-', '_')}=${key}\n`,
  (key) => `headers: { '${header}': "${key}" }`,
];

const SUBJECTS = PROFILES.flatMap((profileName): Subject[] => {
  const { profile } = loadProfile(profileName);
  const { presentation } = profile;
  const types = [...credentialTypesOf(profile), ...(profileName === 'standard' ? [MANAGEMENT_KEY] : [])];
  return types.map(({ kind, format }) => {
    const pattern = secretPatternsOf(profile).find((each) => each.kind === kind)?.pattern;
    if (pattern === undefined) throw new Error(`${profileName} has no pattern for ${kind}.`);
    const isContextual = format.prefix === '' && presentation.kind === 'header';
    const places = isContextual
      ? [...besideHeader(presentation.header), ...behindEscapes(presentation.header)]
      : [...ANYWHERE, ...behindEscapes('{')];
    return { name: `${profileName} ${kind}`, format, pattern, places };
  });
});

const tally = tallied(
  'A secret scanner finds every key by the pattern of its profile, and nothing that is nearly one',
);

function found({ regex }: SecretPattern, text: string): (string | undefined)[] {
  return [...text.matchAll(new RegExp(regex, 'g'))].map(([, key]) => key);
}

describe.each(SUBJECTS.map((subject) => [subject.name, subject] as const))('%s', (name, subject) => {
  const { format, pattern, places } = subject;

  tally.test('every key is found, whole and once, wherever it stands', () => {
    const drawn = drawnFor(`keys of ${name}`);
    const missed: string[] = [];
    for (let count = 0; count < COUNT; count += 1) {
      const key = generateKey(format, drawn.bytes);
      const text = places[count % places.length]?.(key) ?? key;
      const matches = found(pattern, text);
      if (!hasFormat(format, key) || matches.length !== 1 || matches[0] !== key) missed.push(text);
      if (!text.toLowerCase().includes(pattern.keyword)) missed.push(`${pattern.keyword} is not in ${text}`);
    }
    tally.count('keys', COUNT);
    expect(missed.slice(0, 3)).toEqual([]);
  });

  tally.test('what is nearly a key is not', () => {
    const drawn = drawnFor(`near misses of ${name}`);
    const taken: string[] = [];
    for (let count = 0; count < COUNT; count += 1) {
      const miss = nearMiss(format, drawn);
      const text = drawn.from(places)(miss);
      if (found(pattern, text).length > 0 || hasFormat(format, miss)) taken.push(text);
    }
    tally.count('near misses', COUNT);
    expect(taken.slice(0, 3)).toEqual([]);
  });

  test('the pattern is of the dialect that scanners share: nothing is looked for ahead or behind, or referred to', () => {
    expect(pattern.regex).not.toMatch(/\(\?(?!:)|\\[1-9]|\\k|[*+?}]\+|\{\d+,\}/);
    expect(pattern.regex.match(/(?<!\\)\((?!\?)/g)).toHaveLength(1);
  });

  if (!format.hasChecksum) return;
  tally.test('a wrong checksum is found by the pattern, which cannot compute it, and is no key', () => {
    const drawn = drawnFor(`checksums of ${name}`);
    for (let count = 0; count < 1_000; count += 1) {
      const key = generateKey(format, drawn.bytes);
      const at = key.length - 1 - drawn.below(6);
      const mistyped = replaced(key, at, drawn.from([...BASE62].filter((other) => other !== key[at])));
      expect(found(pattern, mistyped)).toEqual([mistyped]);
      expect(hasFormat(format, mistyped)).toBe(false);
    }
  });
});
/** Too short, too long, with a character that no key has, or behind another prefix. */
function nearMiss(format: KeyFormat, drawn: Drawn): string {
  const key = generateKey(format, drawn.bytes);
  const { prefix } = format;
  const inBody = prefix.length + drawn.below(key.length - prefix.length);
  const ways = [
    () => key.slice(0, -1),
    () => key + drawn.from([...BASE62]),
    () => key.slice(0, inBody) + key.slice(inBody + 1),
    () => key.slice(0, inBody) + drawn.from([...BASE62]) + key.slice(inBody),
    () => replaced(key, inBody, drawn.from([...'-_+/=.$~!é ✓'])),
    ...(prefix === ''
      ? []
      : [
          () => replaced(key, drawn.below(prefix.length), drawn.from([...'ABXYZ019-'])),
          () => key.slice(1),
          () => drawn.from([...BASE62]) + key,
          () => prefix.toUpperCase() + key.slice(prefix.length),
          () => key.slice(prefix.length),
        ]),
  ];
  return drawn.from(ways)();
}

function replaced(text: string, at: number, character: string): string {
  return text.slice(0, at) + character + text.slice(at + 1);
}

test('keys without a prefix that are sent as any bearer token have no pattern, and that is said', () => {
  const { profile } = loadProfile('supertone');
  const [own] = secretPatternsOf({ ...profile, presentation: { kind: 'bearer' } });
  expect(own).toEqual({ kind: 'api_key', pattern: undefined });
});

test('the page about leaks shows what the command prints', () => {
  const page = readFileSync(join(ROOT, 'docs', 'leaks.md'), 'utf8');
  expect(page).toContain(secretPatternText('standard', 'json'));
  expect(page).toContain(secretPatternText('standard', 'gitleaks').split('\n\n')[0]);
});

describe('npm run keyward -- secret-pattern', () => {
  const command = (...args: string[]) =>
    endOf(run(process.execPath, ['bin/keyward.mjs', 'secret-pattern', ...args], { PATH: process.env.PATH }));

  test('prints the patterns of a profile, and needs no account', async () => {
    const { code, stdout, stderr } = await command('--profile', 'sophic');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      secretPatternsOf(loadProfile('sophic').profile).map(({ kind, pattern }) => ({
        profile: 'sophic',
        kind,
        regex: pattern?.regex,
        secret_group: 1,
        keywords: [pattern?.keyword],
      })),
    );
  });

  test('says in one sentence that there is no such profile', async () => {
    const { code, stdout, stderr } = await command('--profile', 'nothing');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^keyward: There is no profile nothing; .+\n$/);
  });

  test.each(PROFILES)('prints rules for gitleaks that say the same: %s', (profileName) => {
    const rules = secretPatternText(profileName, 'gitleaks').split('\n\n');
    for (const [index, { pattern }] of secretPatternsOf(loadProfile(profileName).profile).entries()) {
      expect(rules[index]).toContain(`regex = '''${pattern?.regex}'''\nsecretGroup = 1`);
      expect(pattern?.regex).not.toContain("'''");
    }
  });
});
