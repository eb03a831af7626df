import { describeScale } from './capacity/described.ts';
import { FACTS, FACTS_READ } from './capacity/facts.ts';
import { readMeasured } from './capacity/measured.ts';
import { ACCESS_LOG_BYTES } from './capacity/steps.ts';
import { fillPage } from './marked-page.ts';

/** `node bench/scale-model.ts`: computes and simulates the figures of docs/scale.md from bench/results.json and documented numbers. */
const measured = readMeasured();
const tables = await describeScale(measured);
const today = new Date().toISOString().slice(0, 10);
const basis = [
  `\`node bench/scale-model.ts\`, ${today}; AWS's numbers as read on ${FACTS_READ}, none tried on an AWS account.`,
  `Measured here: ${measured.writeUnits} write unit for a counted verification, ${measured.readUnits} read unit for one that is not counted, ${Math.round(measured.memoryGigabytes * 1024)} MB, ${measured.warmAuthorizerMs.toFixed(1)} ms warm against a database on loopback, a line of ${ACCESS_LOG_BYTES} bytes in the access log.`,
  `Assumed: ${FACTS.authorizerMs.value} ms for the authorizer on AWS, ${FACTS.functionMs.value} ms for the function behind it.`,
];
fillPage('scale.md', new Map([['basis', basis.join(' ')], ...tables]));
console.log('Written to docs/scale.md.');
