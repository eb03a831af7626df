import type { ErrorBodies } from '../core/errors/error-body.ts';
import { errorBodiesMistake } from '../core/profile/error-body-schema.ts';
import { InvalidProfile } from '../core/profile/parse-profile.ts';
import type { Profile } from '../core/profile/profile.ts';
import type { GatewayWording } from './gateway-responses.ts';

/** @throws for what the `errors` of a profile may not say either. API Gateway would fill in what begins with `$`. */
export function assertErrors(errors: ErrorBodies): void {
  const mistake = errorBodiesMistake(errors);
  if (mistake !== undefined) throw new InvalidProfile(`The API's ${mistake}.`);
}

/** @throws where API Gateway would answer errors in another way than who decides by the profile. */
export function assertSameErrors({ name, errors }: Profile, ofApi: ErrorBodies | undefined): void {
  if (JSON.stringify(errors) === JSON.stringify(ofApi)) return;
  if (errors === undefined)
    throw new InvalidProfile(
      `The profile ${name} does not say how errors look, and this API does: leave its \`errors\` out, or put them into the profile.`,
    );
  const found = ofApi === undefined ? 'this API does not' : 'this API says something else';
  throw new InvalidProfile(
    `The profile ${name} says how errors look, and ${found}: give it \`errors: profile.errors\`.`,
  );
}

const DETAILS: readonly string[] = ['unauthorized', 'noRoute'];

/** @throws for what would break the body that prints it, or what API Gateway would fill in. */
export function assertDetails(details: Partial<Omit<GatewayWording, 'challenge'>>): void {
  for (const [name, text] of Object.entries<unknown>(details)) {
    if (!DETAILS.includes(name))
      throw new Error(`The details of an API are ${DETAILS.join(' and ')}; there is no ${name}.`);
    if (typeof text !== 'string' || !/^[^"\\$\p{Cc}]{1,2000}$/u.test(text))
      throw new Error(
        `details.${name} must be one line of 1 to 2,000 characters without quotes, backslashes and $, found ${JSON.stringify(text)}.`,
      );
  }
}
