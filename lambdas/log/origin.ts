/** Lines of all functions are found by it, in whichever log group they are. */
export const SERVICE = 'keyward';

/** The stack whose API or work a function serves; a function that was not told belongs to none. */
export function stackName(): string {
  return process.env.KEYWARD_STACK || 'none';
}
