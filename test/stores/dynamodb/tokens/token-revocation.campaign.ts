/** Here every death is tried, where `npm test` tries two. */
import './token-revocation.test.ts';
