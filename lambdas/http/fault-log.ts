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
