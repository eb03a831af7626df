/** Here much is tried, where `npm test` tries a few. */
import './sweep-turns.test.ts';
