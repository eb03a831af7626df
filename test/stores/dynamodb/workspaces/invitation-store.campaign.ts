/** Here much is tried, where `npm test` tries a few. */
import './invitation-store.test.ts';
