/** Keyward's constructs, for other people's CDK apps. */
export type { LogRoleSetter } from './account-log-role.ts';
export { type ApiAlarm, ApiAlarms, type ApiAlarmsProps } from './api-alarms.ts';
export type { OwnThrottle } from './api-stage.ts';
export { ConsoleStack, type ConsoleStackProps } from './console-stack.ts';
export { Dashboard, type DashboardProps, type WatchedApi } from './dashboard.ts';
export { DataStack, type DataStackProps } from './data-stack.ts';
export { GuardedApi } from './guarded-api.ts';
export type { GuardedApiProps, RouteOptions } from './guarded-api-props.ts';
export { KeyTables, type KeyTablesProps } from './key-tables.ts';
export { KeywardApp, type KeywardAppProps } from './keyward-app.ts';
export { ManagementStack, type ManagementStackProps } from './management-stack.ts';
export { ProductAuthorizer, type ProductAuthorizerProps } from './product-authorizer.ts';
export { loadProfile, type ProfileFile } from './profile-file.ts';
export { SampleStack, type SampleStackProps } from './sample-stack.ts';
export type { Sample } from './samples.ts';
export { SignIn, type SignInProps } from './sign-in.ts';
export { type DeploymentName, stackNameOf } from './stack-names.ts';
export type { VerdictCache } from './verdict-cache.ts';
