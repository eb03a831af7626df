/** What the runner tells an environment when it starts. */
export interface EnvironmentSetup {
  readonly handlerFile: string;
  readonly handlerName: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMegabytes: number;
}

/** One invocation. The event travels as the JSON text that Lambda would send. */
export interface InvocationMessage {
  readonly event: string;
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
}

export type EnvironmentMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'printed'; readonly text: string }
  | { readonly kind: 'returned'; readonly payload: string }
  | { readonly kind: 'failed'; readonly error: FunctionError; readonly trace: string };
