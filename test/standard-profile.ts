import { loadProfile } from '../lib/files/profile-file.ts';

/** What `#profile` is in tests, which import Keyward's functions without bundling them; jest.config.js says so. */
export const { profile } = loadProfile('standard');
