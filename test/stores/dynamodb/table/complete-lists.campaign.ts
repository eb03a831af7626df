/** Here much is tried, where `npm test` tries a few. */
import './complete-lists.test.ts';
