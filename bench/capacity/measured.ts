import type { Figure } from '../figure.ts';
import { AUTHORIZER_MEMORY, WARM_AUTHORIZER } from '../parts/cold-start.ts';
import { READ_UNITS, WRITE_UNITS } from '../parts/operations.ts';
import { readResults } from '../results.ts';

/** The measurements of `npm run bench` that the scale model needs. */
export interface Measured {
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly memoryGigabytes: number;
  readonly warmAuthorizerMs: number;
  /** How long a verification and a page of the list take as keys become many. */
  readonly growth: readonly Figure[];
  readonly growthDate: string;
}

export function readMeasured(): Measured {
  const parts = readResults()?.parts ?? {};
  const { store, growth } = parts;
  const coldStart = parts['cold-start'];
  if (store === undefined || growth === undefined || coldStart === undefined)
    throw new Error(
      'bench/results.json lacks the figures of store, cold-start or growth: npm run bench writes them.',
    );
  return {
    writeUnits: valueNamed(store.figures, WRITE_UNITS),
    readUnits: valueNamed(store.figures, READ_UNITS),
    memoryGigabytes: valueNamed(coldStart.figures, AUTHORIZER_MEMORY) / 1024,
    warmAuthorizerMs: valueNamed(coldStart.figures, WARM_AUTHORIZER),
    growth: growth.figures.filter(({ name }) => /^(verification|first page|page)/.test(name)),
    growthDate: growth.date.slice(0, 10),
  };
}

function valueNamed(figures: readonly Figure[], name: string): number {
  const figure = figures.find((each) => each.name === name);
  if (figure === undefined) throw new Error(`bench/results.json has no figure "${name}".`);
  return figure.value;
}
