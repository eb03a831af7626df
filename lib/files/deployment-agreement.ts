import { findIssuerDisagreement } from '../sign-in/own-issuer.ts';
import type { DeploymentData } from './deployment-schema.ts';
import type { DataMistake } from './json-text.ts';

/** Finds the settings that contradict each other. */
export function findDeploymentDisagreements(deployment: DeploymentData): readonly DataMistake[] {
  const { name, stack_prefix, sample, cache_seconds, sign_in } = deployment;
  const mistakes: DataMistake[] = [];
  const report = (path: readonly string[], sentence: string) =>
    mistakes.push({ kind: 'disagreement', path, sentence });
  if (name !== undefined && stack_prefix !== undefined)
    report(['stack_prefix'], 'name and stack_prefix both name the stacks: leave one out.');
  if (cache_seconds !== undefined && !sample)
    report(
      ['cache_seconds'],
      'cache_seconds is about calls of the sample API: it needs "sample": true as well.',
    );
  const issuerMistake = sign_in.kind === 'oidc' ? findIssuerDisagreement(sign_in) : undefined;
  if (issuerMistake !== undefined) report(['sign_in', 'audience'], issuerMistake);
  reportOnConsole(deployment, report);
  return mistakes;
}

function reportOnConsole(
  { console, domain, default_endpoint }: DeploymentData,
  report: (path: readonly string[], sentence: string) => void,
): void {
  const isClosed = default_endpoint === 'closed';
  if (console?.deploy === true && isClosed)
    report(
      ['default_endpoint'],
      'The console calls the management API at the address that API Gateway gives it: set default_endpoint to "open", or console.deploy to false.',
    );
  if (domain === undefined) return;
  if (console?.url !== undefined)
    report(['console', 'url'], 'domain says already where the console is: leave console.url out.');
  if (console?.deploy === false || isClosed)
    report(['domain'], 'domain is that of the console, and none is deployed: leave one of both out.');
}
