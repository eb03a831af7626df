/** Here every death is tried, where `npm test` tries a few. */
import './member-crash.test.ts';
