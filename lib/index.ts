/** Keyward's constructs, for other people's CDK apps. */

export type { OwnThrottle } from './apis/api-stage.ts';
export { GuardedApi } from './apis/guarded-api.ts';
export type {
  DeployedApiProps,
  GuardedApiProps,
  OwnRestApiProps,
  RouteOptions,
} from './apis/guarded-api-props.ts';
export {
  type AuthorizerResponsesProps,
  KeyAuthorizer,
  type KeyAuthorizerProps,
} from './apis/key-authorizer.ts';
export type { VerdictCache } from './apis/verdict-cache.ts';
export { Console, type ConsoleDomain, type ConsoleProps } from './console/console.ts';
export { ConsoleStack, type ConsoleStackProps } from './console-stack.ts';
export { Dashboard, type DashboardProps, type WatchedApi } from './dashboard.ts';
export { DataStack, type DataStackProps } from './data-stack.ts';
export { loadProfile, type ProfileFile } from './files/profile-file.ts';
export { type DeploymentName, stackNameOf } from './files/stack-names.ts';
export { Keyward, type KeywardProps } from './keyward.ts';
export { KeywardApp, type KeywardAppProps } from './keyward-app.ts';
export { KeywardData, type KeywardDataProps } from './keyward-data.ts';
export { ManagementApi, type ManagementApiProps } from './management/management-api.ts';
export { ManagementStack, type ManagementStackProps } from './management-stack.ts';
export {
  type AlarmGroupProps,
  type ApiAlarm,
  ApiAlarms,
  type ApiAlarmsProps,
} from './monitoring/api-alarms.ts';
export type { LogRoleSetter } from './parts/account-log-role.ts';
export { SampleStack, type SampleStackProps } from './sample-stack.ts';
export type { Sample } from './samples.ts';
export { OwnIssuer } from './sign-in/own-issuer.ts';
export { SignIn, type SignInProps } from './sign-in/sign-in.ts';
export type { SignInRequest, SignInSource } from './sign-in/sign-in-source.ts';
export type { KeyTableNames } from './tables/imported-key-tables.ts';
export { KeyTables, type KeyTablesProps, type OwnTableProps } from './tables/key-tables.ts';
export type { IKeyTables } from './tables/table-access.ts';
