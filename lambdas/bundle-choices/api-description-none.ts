import type { ServedDescription } from '../api-description.ts';

/** `#api-description` outside the bundle of the function that serves it. lib/functions/bundle.ts puts the finished document in its place. */
export function readApiDescription(): ServedDescription {
  throw new Error('This function was bundled without a description of the API.');
}
