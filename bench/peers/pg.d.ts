/** The part of `pg` that is used here. The package has no types of its own. */
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

  /** Reports errors of idle connections. */
  interface Pool extends PostgresPool {
    on(event: 'error', listener: (error: Error) => void): this;
  }

  export const Pool: new (config: PoolConfig) => Pool;
}
