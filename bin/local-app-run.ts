import { startDynamoDb } from '../local/index.ts';
import { startAppSynthesis } from './app-synthesis.ts';
import { type LocalApp, runApp } from './local-app.ts';
import { printLog, runUntilSignal, type Stops } from './run-until-signal.ts';
import { assertPortsAreFree } from './start-checks.ts';

export interface AppStartOptions {
  /** The command that synthesizes the app, as `--app` of the CDK CLI. */
  readonly app: string;
  readonly port: number;
  readonly json: boolean;
}

/** Runs somebody's CDK app on this machine until a signal ends the process. */
export async function runAppLocally(options: AppStartOptions): Promise<void> {
  await runUntilSignal({
    json: options.json,
    start: async (stops) => {
      const app = await start(options, stops);
      return { ready: readyLine(app), welcome: welcome(app), product: app.keyward };
    },
  });
}

async function start({ app, port }: AppStartOptions, stops: Stops): Promise<LocalApp> {
  await assertPortsAreFree(port, 'keyward dev');
  const synthesis = startAppSynthesis(app);
  stops.push(synthesis.stop);
  const [assemblyDirectory, { endpoint, stop }] = await Promise.all([
    synthesis.assemblyDirectory,
    startDynamoDb(),
  ]);
  stops.push(stop);
  const running = await runApp({ assemblyDirectory, dynamodbEndpoint: endpoint, port, log: printLog() });
  stops.push(() => running.assembly.stop());
  return running;
}

function consoleUrlOf({ keyward }: LocalApp): string | undefined {
  return keyward?.hasConsole === true ? `${keyward.managementUrl}/console/` : undefined;
}

function readyLine(app: LocalApp) {
  const { apis, assembly, keyward } = app;
  return {
    ready: true,
    api_urls: Object.fromEntries(apis.map(({ name, url }) => [name, url])),
    management_url: keyward?.managementUrl ?? null,
    console_url: consoleUrlOf(app) ?? null,
    issuer_url: assembly.issuerUrl ?? null,
    management_key: keyward?.managementKey ?? null,
    workspace: keyward?.workspace ?? null,
    users: keyward?.users ?? null,
  };
}

/** What runs, in lines to paste into another terminal. */
function welcome(app: LocalApp): string {
  const { apis, assembly, keyward } = app;
  const lines = ['', 'Your app runs on this machine:', ''];
  for (const { name, url } of apis) lines.push(`  ${name}  ${url}`);
  if (apis.length === 0) lines.push('  no REST API of its own');
  if (keyward === undefined)
    return [
      ...lines,
      '',
      'It has no management API of Keyward’s, so there is no workspace and no key.',
      '',
      ENDS,
      '',
    ].join('\n');
  const consoleUrl = consoleUrlOf(app);
  const { managementUrl, managementKey, workspace, users } = keyward;
  return [
    ...lines,
    ...(consoleUrl === undefined ? [] : [`  the console  ${consoleUrl}`]),
    '',
    'Paste this into another terminal:',
    '',
    `  export MANAGEMENT_URL=${managementUrl}`,
    ...(assembly.issuerUrl === undefined ? [] : [`  export ISSUER_URL=${assembly.issuerUrl}`]),
    `  export MANAGEMENT_KEY=${managementKey}`,
    `  export WORKSPACE=${workspace} OWNER=${users.owner}`,
    `  export ADMIN=${users.admin} MEMBER=${users.member}`,
    '',
    ENDS,
    '',
  ].join('\n');
}

const ENDS = 'Ctrl-C ends it and everything it started.';
