import { type Figure, fixedFigure, type PartName, type PartResult } from '../figure.ts';
import { AUTHORIZER_MEMORY, WARM_AUTHORIZER } from './cold-start.ts';
import { READ_UNITS, WRITE_UNITS } from './operations.ts';

/** List prices of us-east-1 in November 2026, in US dollars; on demand, without free tiers. */
const PRICES = {
  millionWriteUnits: 0.625,
  millionReadUnits: 0.125,
  millionLambdaRequests: 0.2,
  lambdaGigabyteSecond: 0.0000133334,
  millionApiRequests: 3.5,
} as const;

const MILLION = 1_000_000;

/** The cost of a million authorizations on AWS, from the figures of the other parts. */
export function computeCost(results: ReadonlyMap<PartName, PartResult>): PartResult {
  const store = results.get('store')?.figures ?? [];
  const coldStart = results.get('cold-start')?.figures ?? [];
  const writeUnits = valueNamed(store, WRITE_UNITS);
  const readUnits = valueNamed(store, READ_UNITS);
  const durationMs = valueNamed(coldStart, WARM_AUTHORIZER);
  const megabytes = valueNamed(coldStart, AUTHORIZER_MEMORY);
  const part = { part: 'cost', title: 'Cost of a million authorizations', bars: [] } as const;
  if (
    writeUnits === undefined ||
    readUnits === undefined ||
    durationMs === undefined ||
    megabytes === undefined
  ) {
    const missing = 'not measured: cost, which needs the figures of store and cold-start.';
    return { ...part, setting: [], figures: [], notes: [], notMeasured: [missing] };
  }
  // Lambda bills whole milliseconds.
  const gigabyteSeconds = (MILLION * Math.ceil(durationMs) * megabytes) / 1000 / 1024;
  const lambda = PRICES.millionLambdaRequests + gigabyteSeconds * PRICES.lambdaGigabyteSecond;
  const counting = writeUnits * PRICES.millionWriteUnits;
  const reading = readUnits * PRICES.millionReadUnits;
  return {
    ...part,
    setting: [
      'List prices of us-east-1 in November 2026, on demand, without free tiers: $0.625 for a million write units, $0.125 for a million read units, $0.20 for a million Lambda requests and $0.0000133334 for a GB-s on arm64, $3.50 for a million requests of a REST API.',
      `counting = write units × $0.625 · reading = read units × $0.125 · Lambda = $0.20 + ⌈duration⌉ × memory × $0.0000133334 × 1,000,000, with the ${durationMs.toFixed(1)} ms of the authorizer's later invocations here and its ${megabytes} MB.`,
      'On AWS the duration differs: the processor is slower, and DynamoDB is further away than loopback. Storage, logs, cold starts and the function behind the API come on top.',
    ],
    figures: [
      fixedFigure('DynamoDB, counting', 'US$', counting),
      fixedFigure('DynamoDB, reading', 'US$', reading),
      fixedFigure('Lambda, duration', 'GB-s', gigabyteSeconds),
      fixedFigure('Lambda, the authorizer', 'US$', lambda),
      fixedFigure('API Gateway, the requests themselves', 'US$', PRICES.millionApiRequests),
      fixedFigure('authorizing, counting, without API Gateway', 'US$', counting + lambda),
      fixedFigure('authorizing, reading, without API Gateway', 'US$', reading + lambda),
      fixedFigure('all of it, counting', 'US$', counting + lambda + PRICES.millionApiRequests),
    ],
    notes: [],
    notMeasured: [],
  };
}

function valueNamed(figures: readonly Figure[], name: string): number | undefined {
  return figures.find((figure) => figure.name === name)?.value;
}
