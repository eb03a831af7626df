import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { CallRecord } from '../functions/call-record.ts';
import { callerOf, type FunctionCaller, judgeCall } from '../functions/caller.ts';
import type { Log } from '../log.ts';

/** Lets a test change the result of a flush that the role allows. Undefined lets it pass; a promise that never settles makes it hang. */
export type FlushIntercept = (call: {
  readonly functionId: string;
  readonly stackName: string;
}) => FailedFlush | undefined | Promise<FailedFlush | undefined>;

/** The name of one of API Gateway's errors, such as `TooManyRequestsException`, and the status it comes with. */
export interface FailedFlush {
  readonly status: number;
  readonly error: string;
}

/** A stage that the runner serves. */
export interface FlushableStage {
  readonly restApiId: string;
  readonly stageName: string;
  readonly stackName: string;
  flush(): void;
}

export interface ControlPlaneOptions {
  readonly location: { readonly region: string; readonly account: string };
  readonly callers: ReadonlyMap<string, FunctionCaller>;
  readonly record: CallRecord;
  readonly log: Log;
  /** Called for each request, because the stages start after the functions that flush them. */
  readonly stages: () => readonly FlushableStage[];
  readonly intercept?: FlushIntercept | undefined;
}

const FLUSH = /^\/restapis\/([^/]+)\/stages\/([^/]+)\/cache\/authorizers$/;
const LOG_SOURCE = 'control-plane';

/**
 * The part of API Gateway's own API that functions may call here: `FlushStageAuthorizersCache`, if their role allows it.
 * @see "FlushStageAuthorizersCache" and "Common Errors", Amazon API Gateway REST API Reference
 */
export function createControlPlane(options: ControlPlaneOptions): Server {
  return createServer((incoming, outgoing) => {
    incoming.resume();
    answer(incoming, outgoing, options).catch(() => outgoing.destroy());
  });
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: ControlPlaneOptions,
): Promise<void> {
  const { location, callers, log } = options;
  const { method = '', url = '' } = incoming;
  const [path = ''] = url.split('?');
  const caller = callerOf(incoming, callers);
  if (!caller) {
    const text = 'The security token included in the request is invalid.';
    return refuse(outgoing, { status: 403, error: 'UnrecognizedClientException', text });
  }
  const [, restApiId, stageName] = FLUSH.exec(path) ?? [];
  if (method !== 'DELETE' || restApiId === undefined || stageName === undefined) {
    const text = `A function asked API Gateway for what does not run here (${method} ${path}).`;
    log({ source: LOG_SOURCE, text, at: new Date() });
    return refuse(outgoing, { status: 404, error: 'UnknownOperationException', text });
  }
  const needed = [
    { action: 'apigateway:DELETE', resource: `arn:aws:apigateway:${location.region}::${path}` },
  ];
  const denied = judgeCall(caller, needed, { ...options, account: location.account, source: LOG_SOURCE });
  if (denied) return refuse(outgoing, { status: 403, error: 'AccessDeniedException', text: denied });
  const stage = options.stages().find((one) => one.restApiId === restApiId && one.stageName === stageName);
  if (!stage) {
    const text = 'Invalid API identifier or stage name specified';
    return refuse(outgoing, { status: 404, error: 'NotFoundException', text });
  }
  const { functionId } = caller;
  const failed = await options.intercept?.({ functionId, stackName: stage.stackName });
  if (failed) return refuse(outgoing, { ...failed, text: failed.error });
  stage.flush();
  outgoing.writeHead(202).end();
}

interface Refusal extends FailedFlush {
  readonly text: string;
}

/** An error in AWS's REST protocol has its type in a header and its text in the body. */
function refuse(outgoing: ServerResponse, { status, error, text }: Refusal): void {
  outgoing.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': error });
  outgoing.end(JSON.stringify({ message: text }));
}
