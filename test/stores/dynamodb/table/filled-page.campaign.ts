/** Here much is tried, where `npm test` tries a few. */
import './filled-page.test.ts';
