import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { connectCommandLine } from '../../../bin/connections/local-connection.ts';
import { manager, startProduct, type TestProduct } from '../../product.ts';
import { type Block, blocksOf, isRunElsewhere, isShell, ROOT } from '../blocks.ts';
import { type Account, accountOf } from './account.ts';
import { learnNames, type Names, readAnswer, shapeOf, showsRefusal, withNames } from './answers.ts';

/** A command that has not done what its page says. */
export interface Difference {
  readonly place: string;
  readonly command: string;
  readonly problem: string;
}

/** Writes down the status of each call beside its answer: curl itself ends well with any. */
const CURL = `#!/bin/bash
answer=$("$REAL_CURL" "$@" -w '\\n%{http_code}') || exit $?
printf '%s\\n' "\${answer##*$'\\n'}" >> "$CURL_STATUSES"
printf '%s' "\${answer%$'\\n'*}"
`;

const START = /^npm (?:ci && npm )?start(?: -- --profile (\S+))?(?:\s+#.*)?$/m;

/** Where a reader's own programs are: npm puts those of the repository in front. */
const PATH = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));

/** Follows a page from its top, as a reader at a terminal does; only ports, ids and secrets are those of this run. */
export async function followPage(page: string): Promise<Difference[]> {
  const reader = await Reader.open();
  try {
    const blocks = blocksOf(page);
    const differences: Difference[] = [];
    for (const [index, block] of blocks.entries()) {
      const problem = await reader.read(block, blocks[index + 1]);
      const { line, text } = block;
      if (problem !== undefined) differences.push({ place: `${page}:${line}`, command: text, problem });
    }
    return differences;
  } finally {
    await reader.close();
  }
}

/** Somebody with a terminal, in a folder that has all of the repository in it. */
class Reader {
  readonly #folder: string;
  readonly #names: Names = new Map();
  #product: TestProduct | undefined;
  #account: Account | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<Reader> {
    const folder = mkdtempSync(join(tmpdir(), 'keyward-page-'));
    for (const name of readdirSync(ROOT)) symlinkSync(join(ROOT, name), join(folder, name));
    writeFileSync(join(folder, 'state.sh'), '');
    const tools = mkdtempSync(join(folder, 'tools-'));
    writeFileSync(join(tools, 'curl'), CURL);
    chmodSync(join(tools, 'curl'), 0o755);
    symlinkSync(tools, join(folder, 'tools'));
    return new Reader(folder);
  }

  async close(): Promise<void> {
    this.#account?.stop();
    await this.#product?.stop();
    rmSync(this.#folder, { recursive: true });
  }

  /** @returns what is wrong. */
  async read(block: Block, next: Block | undefined): Promise<string | undefined> {
    const [, file] = /^file=(\S+)$/.exec(block.mark) ?? [];
    if (file !== undefined) writeFileSync(join(this.#folder, file), block.text);
    if (!isShell(block) || isRunElsewhere(block)) return undefined;
    const start = START.exec(block.text);
    if (start !== null) {
      await this.#start(start[1] ?? 'standard');
      return undefined;
    }
    if (this.#product === undefined) await this.#start('standard');
    return this.#run(block.text, next === undefined || isShell(next) ? undefined : next);
  }

  async #start(profile: string): Promise<void> {
    this.#account?.stop();
    await this.#product?.stop();
    writeFileSync(join(this.#folder, 'state.sh'), '');
    const isPath = profile.includes('/');
    this.#product = await startProduct(isPath ? resolve(this.#folder, profile) : profile);
    this.#account = await accountOf(this.#product);
    connectCommandLine(this.#product, this.#env(), 'linux');
    const { managementUrl, apiUrl, issuerUrl, managementKey } = this.#product;
    for (const [port, url] of [
      [4000, managementUrl],
      [4001, apiUrl],
      [4002, issuerUrl],
    ] as const)
      this.#names.set(`127.0.0.1:${port}`, new URL(url).host);
    this.#names.set('kwm_…', managementKey);
    if (profile === 'standard') await this.#leakKeys(this.#product);
  }

  /** Keys that pages speak of as found somewhere: one by its text, one by its id. */
  async #leakKeys(product: TestProduct): Promise<void> {
    const { issue } = manager(product);
    this.#names.set('kw_live_…', (await issue()).body.secret);
    this.#names.set('key_0VbgmXc5g0CwTkI8rG3t', (await issue()).body.key.id);
  }

  async #run(text: string, shown: Block | undefined): Promise<string | undefined> {
    const statuses = join(this.#folder, 'statuses');
    writeFileSync(statuses, '');
    const script = `source ./state.sh\nset -ea\n${this.#asRunHere(text)}\nset +ea\n{ export -p; declare -f; } > ./state.sh\n`;
    const outcome = await this.#bash(script);
    if (outcome.problem !== undefined) return outcome.problem;
    const codes = readFileSync(statuses, 'utf8').trim().split('\n').filter(Boolean).map(Number);
    const answer = this.#compare(outcome.stdout, shown);
    if (answer.problem !== undefined) return answer.problem;
    const bad = codes.find((code) => code >= 400);
    if (bad !== undefined && !answer.showsRefusal) return `It was answered ${bad}: ${outcome.stdout}`;
    return undefined;
  }

  /** A command for the product that runs here: its addresses, its management key, and what it has answered. */
  #asRunHere(text: string): string {
    const { managementKey = '' } = this.#product ?? {};
    return withNames(text.replaceAll(/\bkwm_[0-9A-Za-z]{36}\b/g, managementKey), this.#names);
  }

  async #bash(script: string): Promise<{ readonly stdout: string; readonly problem?: string }> {
    const env = this.#env();
    try {
      const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: this.#folder, env });
      return { stdout };
    } catch (error) {
      const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number };
      return { stdout, problem: `It ended with ${code}: ${stderr}${stdout}` };
    }
  }

  #env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      ...this.#account?.env,
      KEYWARD_CONFIG: join(this.#folder, 'config'),
      PATH: [join(this.#folder, 'tools'), ...PATH].join(delimiter),
      REAL_CURL: PATH.map((folder) => join(folder, 'curl')).find(existsSync),
      CURL_STATUSES: join(this.#folder, 'statuses'),
    };
  }

  /** Holds an answer against what the page shows behind its command. */
  #compare(stdout: string, shown: Block | undefined): { problem?: string; showsRefusal: boolean } {
    if (shown === undefined || shown.mark !== '' || !['json', ''].includes(shown.language))
      return { showsRefusal: false };
    if (shown.language === '') return compareText(stdout, withNames(shown.text, this.#names));
    const wanted = readAnswer(shown.text);
    const answered = readAnswer(stdout);
    learnNames(wanted, answered, this.#names);
    const [one, other] = [wanted, answered].map((each) => JSON.stringify(shapeOf(each)));
    const isRefusal = showsRefusal(wanted);
    return one === other
      ? { showsRefusal: isRefusal }
      : { problem: `It answered ${stdout}`, showsRefusal: isRefusal };
  }
}

/** An answer with its headers: of those that the page shows, the names count; of the first line the status. */
function compareText(stdout: string, shown: string): { problem?: string; showsRefusal: boolean } {
  const statusOf = (text: string) => /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
  const wanted = statusOf(shown);
  const problem = `It answered ${stdout}`;
  if (wanted === undefined)
    return shown.trim() === stdout.trim() ? { showsRefusal: false } : { problem, showsRefusal: false };
  const names = [...shown.matchAll(/^([\w-]+): /gm)].map(([, name = '']) => name.toLowerCase());
  const isSame =
    statusOf(stdout) === wanted && names.every((name) => stdout.toLowerCase().includes(`${name}: `));
  return { ...(isSame ? {} : { problem }), showsRefusal: wanted >= '400' };
}
