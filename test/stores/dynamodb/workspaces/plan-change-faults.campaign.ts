/** Here every death is tried, where `npm test` tries a few. */
import './plan-change-faults.test.ts';
