/** Here much is tried, where `npm test` tries a few. */
import './caller-race.test.ts';
