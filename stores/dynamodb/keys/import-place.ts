import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { isExpired } from '../../../core/credential/credential.ts';
import { type SecretLocator, SLOTS_PER_PREFIX, slotLocator } from '../../../core/credential/secret.ts';
import { fingerprintOf, type KeyToImport } from '../../../core/management/key-import.ts';
import { numberOf, textOf } from '../secrets/secret-item.ts';
import { prefixKey, secretKey, slotOf } from '../secrets/secret-key.ts';
import { readItems, runInParallel } from '../table/batches.ts';
import { readOrUnavailable } from '../table/contention.ts';
import type { Item, Tables } from '../table/tables.ts';

/** Where the secret of a key to import goes, or the secret that is there already. */
export type Place =
  | { readonly kind: 'free'; readonly locator: SecretLocator }
  | { readonly kind: 'present'; readonly id: string; readonly workspace: string; readonly hasEnded: boolean }
  | { readonly kind: 'prefix_full' };

type SecretTable = Pick<Tables, 'client' | 'secrets'>;

const PROJECTION = 'pk, sk, credentialId, workspace, secretState, secretHash, importedAs, replacedAt';

/** Looks where the secrets of some keys go. Strongly consistent. @returns a place for each key, in their order. */
export async function findPlaces(tables: SecretTable, keys: readonly KeyToImport[]): Promise<Place[]> {
  const secrets = keys.map(({ secret }) => secret);
  const digests = secrets.flatMap((secret) => (secret.kind === 'by_digest' ? secretKey(secret.locator) : []));
  const found = await readItems(tables.client, {
    table: tables.secrets,
    keys: digests,
    projection: PROJECTION,
  });
  const byDigest = new Map(found.map((item) => [textOf(item.pk), item]));
  const prefixes = await readPrefixes(
    tables,
    new Set(secrets.flatMap((secret) => (secret.kind === 'by_prefix' ? secret.lookupPrefix : []))),
  );
  return keys.map(({ secret, now }) => {
    if (secret.kind === 'by_prefix') return placeUnder(secret, prefixes.get(secret.lookupPrefix) ?? [], now);
    const item = byDigest.get(secret.locator);
    return item === undefined ? { kind: 'free', locator: secret.locator } : presentAt(item, now);
  });
}

/** The secrets under some look-up prefixes, strongly consistent. */
async function readPrefixes(
  { client, secrets }: SecretTable,
  prefixes: ReadonlySet<string>,
): Promise<Map<string, Item[]>> {
  const read = await runInParallel([...prefixes], async (prefix): Promise<[string, Item[]]> => {
    const { Items = [] } = await readOrUnavailable(() =>
      client.send(
        new QueryCommand({
          TableName: secrets,
          KeyConditionExpression: 'pk = :prefix',
          ExpressionAttributeValues: { ':prefix': { S: prefixKey(prefix) } },
          ProjectionExpression: PROJECTION,
          ConsistentRead: true,
        }),
      ),
    );
    return [prefix, Items];
  });
  return new Map(read);
}

type ByPrefix = Extract<KeyToImport['secret'], { readonly kind: 'by_prefix' }>;

/** @param items the secrets under the same prefix. The place that is found is added to them, so that no other key gets it. */
function placeUnder({ lookupPrefix, secretHash }: ByPrefix, items: Item[], now: number): Place {
  const importedAs = fingerprintOf(secretHash);
  const known = items.find((item) => item.secretHash?.S === secretHash || item.importedAs?.S === importedAs);
  if (known !== undefined) return presentAt(known, now);
  const taken = new Set(items.map(({ sk }) => slotOf(textOf(sk) ?? '')));
  const slot = Array.from({ length: SLOTS_PER_PREFIX }, (_, number) => number).find(
    (number) => !taken.has(number),
  );
  if (slot === undefined) return { kind: 'prefix_full' };
  const locator = slotLocator(lookupPrefix, slot);
  items.push({ sk: { S: secretKey(locator).sk } });
  return { kind: 'free', locator };
}

function presentAt(item: Item, now: number): Place {
  const { credentialId, workspace, secretState, replacedAt } = item;
  const hasEnded = textOf(secretState) === 'revoked' || isExpired(numberOf(replacedAt), now);
  return { kind: 'present', id: textOf(credentialId) ?? '', workspace: textOf(workspace) ?? '', hasEnded };
}
