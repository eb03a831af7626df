import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type EventRetention, parseEventRetention } from '../core/event-retention.ts';
import { isUserId, USER_ID } from '../core/user-id.ts';
import { isName, isPrintable, NAME_LENGTH } from '../core/visible-text.ts';
import { isSlug } from '../core/workspace.ts';
import { unixNow } from '../lambdas/environment.ts';
import { isDeploymentName, LONGEST_NAME, stackNameOf } from '../lib/stack-names.ts';
import { dynamoDbClient, PATIENT } from '../stores/dynamodb/client.ts';
import { migrateManagementKeys } from '../stores/dynamodb/management-key-migration.ts';
import { listManagementKeys } from '../stores/dynamodb/management-key-store.ts';
import type { NotRestored } from '../stores/dynamodb/restore.ts';
import type { OperatorTables } from '../stores/dynamodb/tables.ts';
import { readBackup, writeBackup } from './backup-file.ts';
import { committedSettings } from './committed-settings.ts';
import { bootstrap, endManagementKey, newManagementKey, restoreTables } from './operator.ts';
import { PATTERN_FORMATS, type PatternFormat, secretPatternText } from './secret-pattern.ts';
import { forTerminal } from './terminal.ts';

const NOT_RESTORED = {
  not_empty: 'The tables are not empty. Say --replace to delete what is there, but for the audit log.',
  log_forgets:
    'The backup is older than what the audit log still tells: keys that were revoked since may work again. ' +
    'Take a newer one, or say --accept-lost-revocations and revoke what is in doubt.',
  unknown_retention:
    'With --tables nobody knows for how long the audit log is kept, and whether it tells of every revocation since ' +
    'the backup. Say --retention with a number of days, or forever.',
} as const satisfies Record<NotRestored, string>;

const TABLE_NAMES = 'RECORDS,SECRETS,EVENTS,MANAGEMENT_KEYS';

/** The operator's command line: acts on a deployed account under the AWS credentials of whoever runs it. */
const program = new Command('keyward')
  .description('Manages a deployed Keyward under your AWS credentials.')
  .configureOutput({ writeErr: (text) => process.stderr.write(forTerminal(text)) })
  .option(
    '--name <name>',
    'the deployment’s name, where it is not the one that cdk.json says',
    deploymentName,
  )
  .option('--stack-prefix <prefix>', 'the same, for stacks whose whole prefix cdk.json says', deploymentName)
  .option('--tables <names>', `${TABLE_NAMES}, instead of those of the stacks`, tableNames)
  .option('--retention <days>', 'with --tables: for how many days events are kept, or forever', retention);

program
  .command('bootstrap')
  .description('makes the first workspace, its owner and a management key, whose secret is printed once')
  .requiredOption('--workspace <slug>', 'the workspace’s slug, which never changes', slug)
  .requiredOption('--owner <user id>', 'the id of the user who owns it', userId)
  .option('--workspace-name <text>', 'what the workspace is called', name)
  .option('--plan <plan>', 'one of the profile’s plans', printable)
  .action(async (options: { workspace: string; owner: string; workspaceName?: string; plan?: string }) => {
    const { workspace, owner, workspaceName = workspace } = options;
    const { tables, plans } = await deployment();
    const plan = options.plan ?? plans[0] ?? null;
    if (plan !== null && !plans.includes(plan)) {
      throw new Error(`There is no plan ${plan}. The deployed profile has ${plans.join(', ') || 'none'}.`);
    }
    const outcome = await bootstrap(tables, { slug: workspace, name: workspaceName, plan, ownerId: owner });
    if (outcome === 'slug_taken') {
      throw new Error(
        `There is a workspace ${workspace} already. Use \`management-keys issue\` for another key.`,
      );
    }
    console.log(JSON.stringify({ workspace, owner, management_key: outcome.secret }));
  });

const managementKeys = program
  .command('management-keys')
  .description('makes, lists and revokes management keys');

managementKeys
  .command('issue')
  .description('makes a management key, whose secret is printed once')
  .requiredOption('--key-name <text>', 'what the key is for', name)
  .action(async ({ keyName }: { keyName: string }) => {
    const { tables } = await deployment();
    const { id, secret } = await newManagementKey(tables, keyName);
    console.log(JSON.stringify({ id, management_key: secret }));
  });

managementKeys
  .command('list')
  .description('lists management keys, a line of JSON each')
  .action(async () => {
    const { tables } = await deployment();
    for (const { id, name, start, createdAt, revokedAt } of await listManagementKeys(tables)) {
      const times = { created_at: time(createdAt), revoked_at: revokedAt && time(revokedAt) };
      console.log(forTerminal(JSON.stringify({ id, name, start, ...times })));
    }
  });

managementKeys
  .command('revoke')
  .description('ends a management key for good')
  .argument('<id>', 'the key’s id', printable)
  .action(async (id: string) => {
    const { tables } = await deployment();
    if (!(await endManagementKey(tables, id)))
      throw new Error(
        `There is no management key ${id}. If it was issued before management keys had a table of their own, run ` +
          '`management-keys migrate` first.',
      );
    console.log(JSON.stringify({ id, revoked: true }));
  });

managementKeys
  .command('migrate')
  .description('moves management keys that were issued before they had a table of their own; may be repeated')
  .action(async () => {
    const { tables } = await deployment();
    const { moved, revoked, withoutSecret } = await migrateManagementKeys(tables, unixNow);
    console.log(JSON.stringify({ moved, revoked, without_secret: withoutSecret }));
  });

program
  .command('backup')
  .description('copies the tables into a file, which holds no secret')
  .requiredOption('--to <file>', 'the file, which must not exist')
  .option('--at <time>', 'of which moment the tables are, where they were restored to one', moment)
  .action(async ({ to, at = unixNow() }: { to: string; at?: number }) => {
    const { tables } = await deployment();
    console.log(JSON.stringify(await writeBackup(tables, { path: to, at })));
  });

program
  .command('restore')
  .description('puts a backup back, and revokes again what was revoked since')
  .requiredOption('--from <file>', 'what `backup` has written')
  .option('--replace', 'delete the keys and workspaces that are there; the audit log stays')
  .option(
    '--accept-lost-revocations',
    'restore what is older than the audit log reaches: keys that were revoked since may work again',
  )
  .action(async ({ from, replace = false, acceptLostRevocations = false }: RestoreFlags) => {
    const backup = await readBackup(from);
    const { tables } = await deployment();
    const outcome = await restoreTables(tables, {
      backup,
      present: replace ? 'replace' : 'none',
      forgotten: acceptLostRevocations ? 'accept' : 'refuse',
    });
    if (typeof outcome === 'string') throw new Error(NOT_RESTORED[outcome]);
    console.log(JSON.stringify(outcome));
  });

interface RestoreFlags {
  readonly from: string;
  readonly replace?: boolean;
  readonly acceptLostRevocations?: boolean;
}

program
  .command('secret-pattern')
  .description('prints what secret scanners need to find the keys of a product; needs no account')
  .option('--profile <name>', 'a file in profiles/; without it, the one that cdk.json names', printable)
  .addOption(
    new Option('--format <format>', 'lines of JSON, or rules for gitleaks')
      .choices(PATTERN_FORMATS)
      .default('json'),
  )
  .action(({ profile, format }: { profile?: string; format: PatternFormat }) => {
    console.log(secretPatternText(profile ?? committedSettings().profile, format));
  });

interface Deployment {
  readonly tables: OperatorTables;
  /** The plans that a workspace may have, the default first; empty where there are none. */
  readonly plans: readonly string[];
}

interface Chosen {
  readonly name?: string;
  readonly stackPrefix?: string;
  readonly tables?: readonly [string, string, string, string];
  readonly retention?: EventRetention;
}

/** What is deployed, found through the outputs of its data stack; or tables by their names. */
async function deployment(): Promise<Deployment> {
  const { tables, retention, ...chosen } = program.opts<Chosen>();
  if (tables !== undefined) {
    const [records, secrets, events, managementKeys] = tables;
    const client = dynamoDbClient(PATIENT);
    const kept = retention === undefined ? {} : { eventRetention: retention };
    return { tables: { client, records, secrets, events, managementKeys, ...kept }, plans: [] };
  }
  if (retention !== undefined)
    throw new Error(
      '--retention is for --tables: what was deployed says itself for how long events are kept.',
    );
  const stackName = dataStackName(chosen);
  const { Stacks = [] } = await new CloudFormationClient().send(
    new DescribeStacksCommand({ StackName: stackName }),
  );
  const outputs = new Map(Stacks[0]?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const output = (key: string) => {
    const value = outputs.get(key);
    if (value === undefined)
      throw new Error(
        `The stack ${stackName} has no output ${key}. Was it deployed by this version of Keyward?`,
      );
    return value;
  };
  return {
    tables: {
      client: dynamoDbClient(PATIENT),
      records: output('RecordsTable'),
      secrets: output('SecretsTable'),
      events: output('EventsTable'),
      managementKeys: output('ManagementKeysTable'),
      eventRetention: parseEventRetention(output('EventsRetention'), 'The output EventsRetention'),
    },
    plans: outputs.get('Plans')?.split(',') ?? [],
  };
}

/** @param chosen what was said on the command line, which goes before what `cdk.json` says. */
function dataStackName({ name, stackPrefix }: Pick<Chosen, 'name' | 'stackPrefix'>): string {
  if (name !== undefined && stackPrefix !== undefined)
    throw new Error('--name and --stack-prefix both name the stacks: leave one out.');
  if (stackPrefix !== undefined) return stackNameOf({ profile: '', stackPrefix }, 'Data');
  return stackNameOf(name === undefined ? committedSettings() : { profile: name }, 'Data');
}

function deploymentName(text: string): string {
  if (isDeploymentName(text)) return text;
  throw new InvalidArgumentError(
    `It must be at most ${LONGEST_NAME} letters, digits and hyphens, a letter first.`,
  );
}

function slug(text: string): string {
  if (isSlug(text)) return text;
  throw new InvalidArgumentError('It must be 1 to 40 lower-case letters, digits and hyphens.');
}

/** As the API has it: what would steer a terminal or a page is refused. */
function printable(text: string): string {
  if (text.trim() !== '' && text.length <= 255 && isPrintable(text)) return text;
  throw new InvalidArgumentError('It must be 1 to 255 characters without control characters.');
}

function name(text: string): string {
  if (isName(text)) return text;
  throw new InvalidArgumentError(
    `It must be 1 to ${NAME_LENGTH.characters} characters of visible text without control characters.`,
  );
}

function userId(text: string): string {
  if (isUserId(text)) return text;
  throw new InvalidArgumentError(`It must be ${USER_ID}.`);
}

function tableNames(text: string): readonly string[] {
  const names = text.split(',');
  if (names.length === 4 && names.every((name) => /^[\w.-]{3,255}$/.test(name))) return names;
  throw new InvalidArgumentError(`It must be the names of four tables: ${TABLE_NAMES}.`);
}

function retention(text: string): EventRetention {
  try {
    return parseEventRetention(text, 'It');
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : 'It is no retention.');
  }
}

/** @returns Unix seconds. */
function moment(text: string): number {
  const milliseconds = Date.parse(text);
  if (!Number.isNaN(milliseconds)) return Math.floor(milliseconds / 1000);
  throw new InvalidArgumentError('It must be a time such as 2026-11-22T08:00:00Z.');
}

function time(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(forTerminal(`keyward: ${error instanceof Error ? error.message : 'something went wrong'}`));
  process.exitCode = 1;
}
