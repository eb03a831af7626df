import { createRequire } from 'node:module';
import { ModuleMocker } from 'jest-mock';
import { importSuite, separateSuites } from './modules.ts';

/** Where a suite's `@jest/globals` finds what jest has made. */
export const GLOBALS = Symbol.for('keyward.jest-globals');

const require = createRequire(import.meta.url);
let suites = 0;

separateSuites();

/** What jest sends a worker when there are no more suites, as its `jest-worker` numbers messages. */
const END = 2;
/**
 * Products that run on would keep the worker alive. Node would end their threads one after the other, which takes seconds, and jest
 * complains after half a second; the kernel ends them all at once.
 */
process.on('message', ([kind]: readonly [number]) => {
  if (kind !== END) return;
  process.emit('exit', 0);
  process.kill(process.pid, 'SIGKILL');
});

/**
 * Takes the place of jest's own runtime, which loads every module again for every suite, in a context of Node's `vm`. Suites run
 * in the worker's own context here, with Node's own loader, and all else of jest stays as it is: workers, hooks, reports.
 * @see https://jestjs.io/docs/configuration#runtime-string
 */
export default class NativeRuntime {
  readonly #mocker = new ModuleMocker(globalThis);

  unstable_shouldLoadAsEsm(): boolean {
    return true;
  }

  async unstable_importModule(file: string): Promise<void> {
    // Jest has set it, for source maps. None is needed here, and CDK takes a trace for each construct.
    delete (Error as Partial<ErrorConstructor>).prepareStackTrace;
    await importSuite(file, `suite=${++suites}`);
  }

  /** Jest's framework keeps a suite's tests in its module, which therefore is another for each suite. */
  requireInternalModule(file: string): unknown {
    delete require.cache[file];
    return require(file);
  }

  requireModule(file: string): unknown {
    return require(file);
  }

  setGlobalsForRuntime(globals: object): void {
    const mocker = this.#mocker;
    const jest = {
      fn: mocker.fn.bind(mocker),
      spyOn: mocker.spyOn.bind(mocker),
      restoreAllMocks: () => mocker.restoreAllMocks(),
    };
    Reflect.set(globalThis, GLOBALS, { ...globals, jest });
  }

  teardown(): void {
    this.#mocker.restoreAllMocks();
  }

  getSourceMaps(): Map<string, string> {
    return new Map();
  }

  enterTestCode(): void {}
  leaveTestCode(): void {}
  getAllCoverageInfoCopy(): undefined {}
}
