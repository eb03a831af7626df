/** Here much is tried, where `npm test` tries a few. */
import './caller-check.test.ts';
