/** What of `pg` is used here: a pool as better-auth takes it. The package itself has no types. */
declare module 'pg' {
  import type { PostgresPool } from 'kysely';

  interface PoolConfig {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
    /** Connections at most. */
    readonly max: number;
  }

  /** Tells of what goes wrong with connections that nobody uses at that moment. */
  interface Pool extends PostgresPool {
    on(event: 'error', listener: (error: Error) => void): this;
  }

  export const Pool: new (config: PoolConfig) => Pool;
}
