/**
 * Runs a synthesized CDK cloud assembly on one machine. It knows the assembly and nothing about the product in it.
 * @see local/README.md for the differences from AWS and the assumptions
 */
export { AGNOSTIC as ENVIRONMENT_OF_STACKS } from './assembly/cloud-assembly.ts';
export { CannotRun } from './cannot-run.ts';
export type { FailedFlush, FlushIntercept } from './control-plane/control-plane.ts';
export { type RunningDynamoDb, startDynamoDb } from './dynamodb/dynamodb-local.ts';
export type { DynamoDbIntercept, InterceptedCall } from './dynamodb/proxy.ts';
export type { RunningTable } from './dynamodb/tables.ts';
export type { RecordedCall } from './functions/call-record.ts';
export type { InvocationResult } from './functions/environment.ts';
export type { RunningFunction } from './functions/functions.ts';
export { allows, type RoleStatement } from './functions/role.ts';
export { ASSUMED_READING, type PathReading } from './gateway/path-reading.ts';
export { portObstacle } from './listening.ts';
export type { LogLine } from './log.ts';
export { runAssembly } from './run.ts';
export type { FoundParts, Ports, RunningApi, RunningAssembly, RunOptions } from './running-assembly.ts';
export type { LocalPerson } from './sign-in/person.ts';
