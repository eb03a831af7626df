import { InvalidProfile, parseProfile } from '../../../core/profile/parse-profile.ts';

/** What is said of the data of a profile; `none` where it is taken. */
export function complaint(data: unknown): string {
  try {
    parseProfile(data);
  } catch (error) {
    if (error instanceof InvalidProfile) return error.message;
    throw error;
  }
  return 'none';
}
