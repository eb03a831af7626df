import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { type IRestApi, type Method, RestApi, type RestApiProps } from 'aws-cdk-lib/aws-apigateway';
import { Code, type FunctionProps, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { type LogLine, type RunningAssembly, type RunOptions, runAssembly } from '../../local/index.ts';
import { sharedDynamoDb } from '../dynamodb.ts';

// Without the CLI in front, validation of the app would only cost time.
process.env.CDK_VALIDATION = 'false';

/** A folder for one test file: the sources of its functions and what was synthesized from them. */
export class Workshop {
  readonly #folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
  #count = 0;

  /** @returns the assembly directory. */
  synthesize(build: (app: App) => void): string {
    const outdir = this.#next('assembly');
    const app = new App({ outdir, analyticsReporting: false });
    build(app);
    app.synth();
    return outdir;
  }

  /** A function whose whole bundle is one hand-written module. */
  lambda(stack: Stack, id: string, source: string, props: Partial<FunctionProps> = {}): LambdaFunction {
    const folder = this.#next('code');
    mkdirSync(folder);
    writeFileSync(join(folder, 'index.mjs'), source);
    const code = Code.fromAsset(folder);
    return new LambdaFunction(stack, id, {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code,
      ...props,
    });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #next(name: string): string {
    this.#count++;
    return join(this.#folder, `${name}-${this.#count}`);
  }
}

/** Runs the stack of one test file and keeps what it logged. */
export interface SmallRun {
  readonly run: RunningAssembly;
  readonly lines: LogLine[];
  readonly url: string;
  /** The id of the only function with this construct id. */
  idOf(constructId: string): string;
  /** What was logged under a source, newest last. */
  logged(source: string): string[];
  stop(): Promise<void>;
}

export async function runSmallApp(
  assemblyDirectory: string,
  options: Partial<RunOptions> = {},
): Promise<SmallRun> {
  const dynamodb = await sharedDynamoDb();
  const lines: LogLine[] = [];
  const log = (line: LogLine) => lines.push(line);
  const settings = { assemblyDirectory, dynamodbEndpoint: dynamodb.endpoint, log, ...options };
  const run = await runAssembly(settings).catch(async (error: unknown) => {
    await dynamodb.release();
    throw error;
  });
  return {
    run,
    lines,
    url: Object.values(run.apiUrls)[0] ?? '',
    idOf: (constructId) => {
      const found = Object.values(run.functions).find((one) => one.constructPath.endsWith(`/${constructId}`));
      if (!found) throw new Error(`no function ${constructId}`);
      return found.id;
    },
    logged: (source) => lines.filter((line) => line.source === source).map((line) => line.text),
    stop: async () => {
      await run.stop();
      await dynamodb.release();
    },
  };
}

export function restApi(stack: Stack, props: RestApiProps = {}): RestApi {
  return new RestApi(stack, 'Rest', { cloudWatchRole: false, ...props });
}

export type { IRestApi, Method };
