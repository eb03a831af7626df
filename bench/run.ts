import { Command, InvalidArgumentError } from 'commander';
import { PARTS, type PartName, type PartResult } from './figure.ts';
import { measureColdStart } from './parts/cold-start.ts';
import { computeCost } from './parts/cost.ts';
import { measureGrowth } from './parts/growth.ts';
import { measureImport } from './parts/import.ts';
import { measureMemory } from './parts/memory.ts';
import { measureRequest } from './parts/request.ts';
import { measureStore } from './parts/store.ts';
import { formatReport } from './report.ts';
import { type MeasuredPart, readCircumstances, readResults, writeResults } from './results.ts';
import { FULL, QUICK, type Scale } from './scale.ts';
import { writeDocs } from './written-docs.ts';

/** `npm run bench`: measures, prints, and stores the results of a full run. */
interface Options {
  readonly only: readonly PartName[];
  readonly quick: boolean;
}

const MEASURES: Readonly<Record<Exclude<PartName, 'cost'>, (scale: Scale) => Promise<PartResult>>> = {
  memory: measureMemory,
  store: measureStore,
  'cold-start': measureColdStart,
  growth: measureGrowth,
  import: measureImport,
  request: measureRequest,
};

const options = new Command('npm run bench --')
  .description('Measures Keyward, beside other libraries where there are any. Takes about an hour.')
  .option('--only <parts>', `some of ${PARTS.join(', ')}, with commas between`, parts, PARTS)
  .option('--quick', 'show in a minute that everything works; nothing is written', false)
  .parse()
  .opts<Options>();

// Cleans up running processes and temporary files, however this process ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const { machine } = readCircumstances();
console.log(
  `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGigabytes} GB, ${machine.os}, Node ${machine.node}`,
);
if (options.quick) console.log('A quick run: the figures below are worth nothing.');

const measured = await measureAll(options);
if (!options.quick && measured.length > 0) {
  writeResults(measured);
  writeDocs();
  console.log('\nWritten to bench/results.json, docs/bench.md and docs/bench.svg.');
}
// The SDK's idle connections would keep the process for a while.
process.exit();

async function measureAll({ only, quick }: Options): Promise<MeasuredPart[]> {
  const given = process.argv.slice(2);
  const command = ['npm run bench', ...(given.length > 0 ? ['--', ...given] : [])].join(' ');
  const all: MeasuredPart[] = [];
  for (const part of only) {
    try {
      const result = await measure(part, { scale: quick ? QUICK : FULL, before: all });
      console.log(formatReport(result));
      all.push({ ...result, date: new Date().toISOString(), command });
    } catch (error) {
      console.error(`\n${part}: not measured:`, error);
      process.exitCode = 1;
    }
  }
  return all;
}

async function measure(
  part: PartName,
  { scale, before }: { readonly scale: Scale; readonly before: readonly MeasuredPart[] },
): Promise<PartResult> {
  if (part !== 'cost') return MEASURES[part](scale);
  // From the parts of this run; from an earlier run for parts that this run left out.
  const known = [...Object.values(readResults()?.parts ?? {}), ...before];
  return computeCost(new Map(known.map((result) => [result.part, result])));
}

function parts(text: string): readonly PartName[] {
  const names = text.split(',');
  const unknown = names.find((name) => !PARTS.some((part) => part === name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no part "${unknown}"; there are ${PARTS.join(', ')}.`);
  return PARTS.filter((part) => names.includes(part));
}
