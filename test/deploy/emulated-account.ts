import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPython, installPackage } from '../clients/python.ts';
import { CdkCli } from './cdk.ts';
import { type Emulator, MINISTACK_VERSION, startEmulator } from './emulator.ts';

/** An account in the emulator that the CDK CLI has bootstrapped. */
export interface EmulatedAccount {
  readonly emulator: Emulator;
  readonly cdk: CdkCli;
  /** A temporary folder that goes with it. */
  readonly folder: string;
  stop(): Promise<void>;
}

const python = await findPython(10);

/**
 * Whether the emulator can run on this machine. Where it cannot, it says so.
 * @param what is then skipped.
 */
export function canEmulate(what: string): boolean {
  if (python.kind === 'missing') process.stderr.write(`\nSKIPPED, ${what}: ${python.reason}\n\n`);
  return python.kind === 'found';
}

/** @throws where the machine has no Python. */
export async function startAccount(): Promise<EmulatedAccount> {
  if (python.kind === 'missing') throw new Error(python.reason);
  const emulator = await startEmulator(await installPackage(python, 'ministack', MINISTACK_VERSION));
  const cdk = new CdkCli(emulator);
  const folder = mkdtempSync(join(tmpdir(), 'keyward-deploy-'));
  const stop = async () => {
    cdk.remove();
    await emulator.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await cdk.bootstrap();
    return { emulator, cdk, folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
