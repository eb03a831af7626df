import type { Refusal } from '../../core/verdict.ts';

/**
 * Writes one line about a fault. Names and messages only, along the chain of causes: an event or a body could hold a
 * secret, and a stack may hold either.
 */
export function logFault(error: unknown, requestId: string): void {
  const causes = [];
  for (let cause = error; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    causes.push({ name: cause.name, message: cause.message });
  }
  console.error(JSON.stringify({ level: 'ERROR', message: 'fault', request_id: requestId, causes }));
}

/** Writes one line about a refusal, so that an operator can tell why a caller was turned away; the caller is not told. */
export function logRefusal({ code, principal }: Refusal, requestId: string): void {
  const { credentialId = null, workspace = null } = principal ?? {};
  const line = {
    level: 'INFO',
    message: 'refused',
    request_id: requestId,
    code,
    credential_id: credentialId,
    workspace,
  };
  console.log(JSON.stringify(line));
}
