/** Here every death is tried, where `npm test` tries a few. */
import './rotated-limit-faults.test.ts';
