/** Keyward's constructs, for other people's CDK apps. */
export type { LogRoleSetter } from './account-log-role.ts';
export { type AlarmGroupProps, type ApiAlarm, ApiAlarms, type ApiAlarmsProps } from './api-alarms.ts';
export type { OwnThrottle } from './api-stage.ts';
export { Console, type ConsoleDomain, type ConsoleProps } from './console.ts';
export { ConsoleStack, type ConsoleStackProps } from './console-stack.ts';
export { Dashboard, type DashboardProps, type WatchedApi } from './dashboard.ts';
export { DataStack, type DataStackProps } from './data-stack.ts';
export { GuardedApi } from './guarded-api.ts';
export type {
  DeployedApiProps,
  GuardedApiProps,
  OwnRestApiProps,
  RouteOptions,
} from './guarded-api-props.ts';
export type { KeyTableNames } from './imported-key-tables.ts';
export { type AuthorizerResponsesProps, KeyAuthorizer, type KeyAuthorizerProps } from './key-authorizer.ts';
export { KeyTables, type KeyTablesProps, type OwnTableProps } from './key-tables.ts';
export { Keyward, type KeywardProps } from './keyward.ts';
export { KeywardApp, type KeywardAppProps } from './keyward-app.ts';
export { KeywardData, type KeywardDataProps } from './keyward-data.ts';
export { ManagementApi, type ManagementApiProps } from './management-api.ts';
export { ManagementStack, type ManagementStackProps } from './management-stack.ts';
export { OwnIssuer } from './own-issuer.ts';
export { loadProfile, type ProfileFile } from './profile-file.ts';
export { SampleStack, type SampleStackProps } from './sample-stack.ts';
export type { Sample } from './samples.ts';
export { SignIn, type SignInProps } from './sign-in.ts';
export type { SignInRequest, SignInSource } from './sign-in-source.ts';
export { type DeploymentName, stackNameOf } from './stack-names.ts';
export type { IKeyTables } from './table-access.ts';
export type { VerdictCache } from './verdict-cache.ts';
