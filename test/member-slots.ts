import { memberSlotKey } from '../stores/dynamodb/table/tables.ts';
import { itemsOf, type TestProduct } from './product.ts';
import { putRecords } from './stores/dynamodb/put-items.ts';

/** How many active keys of a workspace a member may have. */
const BOUND = 500;

/** Takes every slot among a member's active keys that none of their own keys holds. */
export async function fillSlots(product: TestProduct, userId: string): Promise<void> {
  const { tables, workspace } = product;
  const places = (await itemsOf(product, tables.records)).map(({ pk, sk }) => `${pk} ${sk}`);
  const slots = Array.from({ length: BOUND }, (_, number) => memberSlotKey(workspace, userId, number))
    .filter(({ pk, sk }) => !places.includes(`${pk} ${sk}`))
    .map((key) => ({ ...key, keyId: 'key_of_another', expiresAt: null, version: 1 }));
  await putRecords(tables, slots);
}
