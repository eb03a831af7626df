import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/**
 * How large an item is, by the rules that DynamoDB bills by.
 * @returns bytes, without the storage overhead of each item.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemBytes(item: Readonly<Record<string, AttributeValue>>): number {
  return sum(Object.entries(item).map(([name, value]) => Buffer.byteLength(name) + valueBytes(value)));
}

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.B !== undefined) return value.B.length;
  if (value.SS !== undefined) return sum(value.SS.map((text) => Buffer.byteLength(text)));
  if (value.NS !== undefined) return sum(value.NS.map(numberBytes));
  if (value.BS !== undefined) return sum(value.BS.map((bytes) => bytes.length));
  if (value.NULL !== undefined || value.BOOL !== undefined) return 1;
  // Lists and maps cost three bytes themselves and one for each thing in them.
  if (value.L !== undefined) return 3 + sum(value.L.map((each) => 1 + valueBytes(each)));
  if (value.M !== undefined) return 3 + itemBytes(value.M) + Object.keys(value.M).length;
  throw new Error('An attribute has a type that is none.');
}

/** A byte for two significant digits, and one more. */
function numberBytes(number: string): number {
  const significant = number.replace(/[-.]/g, '').replace(/^0+|0+$/g, '');
  return Math.ceil(significant.length / 2) + 1;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
