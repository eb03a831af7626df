/** What a suite may change of its worker, and gets back at the end of it: environment variables and the console. */
export default class NativeEnvironment {
  readonly global = globalThis;
  readonly moduleMocker = null;
  readonly fakeTimers = null;
  readonly fakeTimersModern = null;
  readonly #variables = { ...process.env };
  readonly #console = globalThis.console;
  readonly #exit = process.exit;
  readonly #directory = process.cwd();

  getVmContext(): null {
    return null;
  }

  async setup(): Promise<void> {}

  async teardown(): Promise<void> {
    globalThis.console = this.#console;
    process.exit = this.#exit;
    process.chdir(this.#directory);
    for (const name of Object.keys(process.env)) {
      if (!(name in this.#variables)) delete process.env[name];
    }
    Object.assign(process.env, this.#variables);
  }
}
