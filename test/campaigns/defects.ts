/** A defect as somebody could make it, and the tests that have to find it. */
export interface Defect {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Suites that are run against it, as jest takes them. */
  readonly suites: readonly string[];
}

interface Edit {
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly text: string;
  readonly replacement: string;
}

/** Each is planted by itself, in a copy of the sources. */
export const DEFECTS: readonly Defect[] = [
  {
    name: 'the expiry of a key is not looked at',
    edits: [
      {
        file: 'core/verification/verdict.ts',
        text: "  if (isExpired(expiresAt, claim.now)) return refuse('expired', principal);\n",
        replacement: '',
      },
      {
        file: 'stores/dynamodb/secrets/verification-store.ts',
        text: "'(attribute_not_exists(expiresAt) OR expiresAt > :now)'",
        replacement: "'attribute_exists(pk)'",
      },
    ],
    suites: [
      'test/core/verification/verdict',
      'test/core/verification/verify',
      'test/stores/dynamodb/secrets/verification-store',
    ],
  },
  {
    name: 'a revocation reads the secret, changes it and writes it back',
    edits: [
      {
        file: 'stores/dynamodb/secrets/secret-change.ts',
        text: `  await updateIfPossible(table, secretKey(locator), {
    UpdateExpression: 'SET secretState = :revoked',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':revoked': { S: 'revoked' } },
  });`,
        replacement: `  const { client, secrets } = table;
  const { Item } = await client.send(
    new GetItemCommand({ TableName: secrets, Key: wireKey(secretKey(locator)), ConsistentRead: true }),
  );
  if (Item === undefined) return;
  const ended = { secretState: { S: 'revoked' } };
  await client.send(new PutItemCommand({ TableName: secrets, Item: { ...Item, ...ended } }));`,
      },
      {
        file: 'stores/dynamodb/secrets/secret-change.ts',
        text: '  type AttributeValue,',
        replacement: '  type AttributeValue, GetItemCommand, PutItemCommand,',
      },
    ],
    suites: ['test/faults/key-races', 'test/faults/verdict-races', 'test/acceptance/roles'],
  },
  {
    name: 'cached verdicts are not flushed by a change that takes rights away',
    edits: [
      {
        file: 'lambdas/verdict-flush.ts',
        text: 'if (outcome.takesRights !== false) await flush();',
        replacement: '',
      },
    ],
    suites: ['test/acceptance/flushed-verdicts', 'test/lambdas/verdict-flush'],
  },
  {
    name: 'a text that a caller controls is printed into a template of API Gateway',
    edits: [
      {
        file: 'lib/apis/gateway-responses.ts',
        text: "detail: '$context.authorizer.detail'",
        replacement: "detail: '$context.path'",
      },
    ],
    suites: ['test/security/injection', 'test/lib/template'],
  },
  {
    name: "a child key is issued without its parent's limit",
    edits: [
      {
        file: 'core/management/caller.ts',
        text: "return caller.kind === 'api_key' ? ownLimitOf(caller, planLimit) : null;",
        replacement: 'return null;',
      },
      {
        file: 'core/management/permission.ts',
        text: 'if (!isWithinLimit(effectiveLimit(planLimit, asked), limitOfCaller(caller, planLimit)))',
        replacement:
          'if (!isWithinLimit(null, null) && effectiveLimit(planLimit, asked) === limitOfCaller(caller, planLimit))',
      },
    ],
    suites: ['test/core/access/rate-limit', 'test/security/power', 'test/acceptance/held-keys'],
  },
  {
    name: 'what an owner set on a key is forgotten by its next change',
    edits: [
      {
        file: 'lambdas/management/keys/update-key.ts',
        text: 'const bounds = changeBounds(before.bounds, { rank, named });',
        replacement: 'const bounds = {};',
      },
    ],
    suites: ['test/lambdas/management/keys/change-keys', 'test/acceptance/held-keys'],
  },
  {
    name: 'a route asks for no permission',
    edits: [
      {
        file: 'lambdas/management/keys/revoke-key.ts',
        text: '    assertPermitted(mayRevoke(caller, key));\n',
        replacement: '',
      },
    ],
    suites: ['test/lambdas/management/keys/change-keys', 'test/acceptance/people', 'test/security/isolation'],
  },
  {
    name: 'a process that continues a change of a member starts over',
    edits: [
      {
        file: 'stores/dynamodb/sweeper/sweep.ts',
        text: '  const outcome = await takeTurn(propagation);\n',
        replacement: `  const anew = { ...propagation, progress: NO_PROGRESS, save: async () => true };
  const outcome = await propagate(anew, async () => undefined, finisher.millisecondsLeft).then(() => 'finished');
`,
      },
      {
        file: 'stores/dynamodb/sweeper/sweep.ts',
        text: 'import { type Propagation, TURN_MS, takeTurn }',
        replacement: 'import { NO_PROGRESS, type Propagation, propagate, TURN_MS }',
      },
    ],
    suites: ['test/stores/dynamodb/sweeper/sweep-turns'],
  },
  {
    name: 'an item counts as a credential, whatever kind it says that it is of',
    edits: [
      {
        file: 'core/verification/verification-store.ts',
        text: ' && secret?.principal.kind === kind',
        replacement: '',
      },
      {
        file: 'stores/dynamodb/secrets/verification-store.ts',
        text: "    'kind = :kind',",
        replacement: "    ':kind = :kind',",
      },
    ],
    suites: ['test/core/verification/credential-kinds', 'test/stores/dynamodb/secrets/credential-kinds'],
  },
  {
    name: 'a guard falls back to another profile',
    edits: [
      {
        file: 'lambdas/guard/profile-guards.ts',
        text: 'profile: parseFor(guardName, profile)',
        replacement: 'profile: parseFor(guardName, profile ?? standard)',
      },
      {
        file: 'lambdas/guard/profile-guards.ts',
        text: "import { createGuardMcp, type GuardedMcpEvent } from './guard-mcp.ts';",
        replacement: `import standard from '../../profiles/standard.json' with { type: 'json' };
import { createGuardMcp, type GuardedMcpEvent } from './guard-mcp.ts';`,
      },
    ],
    suites: ['test/lambdas/guard/guards', 'test/lambdas/guard/plain-bundle', 'test/architecture'],
  },
  {
    name: 'a restore trusts the moment that a backup names',
    edits: [
      {
        file: 'stores/dynamodb/restore/events-since-backup.ts',
        text: 'event.effect === undefined ? event.at >= since : event.effect.version > version;',
        replacement: 'version >= 0 && event.at >= since;',
      },
      {
        file: 'stores/dynamodb/restore/restore-refusal.ts',
        text: 'if (stamps.length === 0) return named;',
        replacement: 'if (stamps.length >= 0) return named;',
      },
    ],
    suites: ['test/stores/dynamodb/restore/restored-keys', 'test/stores/dynamodb/restore/restore-refusal'],
  },
];
