/** Here every death is tried, where `npm test` tries a few. */
import './management-key-migration.test.ts';
