import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/**
 * Computes the size of an item by DynamoDB's billing rules.
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
  // A list or map costs three bytes, and one more for each element.
  if (value.L !== undefined) return 3 + sum(value.L.map((each) => 1 + valueBytes(each)));
  if (value.M !== undefined) return 3 + itemBytes(value.M) + Object.keys(value.M).length;
  throw new Error('An attribute has an unknown type.');
}

/** A byte for two significant digits, and one more. */
function numberBytes(number: string): number {
  const significant = number.replace(/[-.]/g, '').replace(/^0+|0+$/g, '');
  return Math.ceil(significant.length / 2) + 1;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
