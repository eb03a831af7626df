import { expect, test } from '@jest/globals';
import { findOutput } from '../../bin/commands/operator/stack-outputs.ts';

const find = (outputs: Record<string, string>, name: string) =>
  findOutput(new Map(Object.entries(outputs)), name, 'Orders');

test('the command line finds the tables of a data stack, and those of a Keyward in another stack', () => {
  expect(find({ RecordsTable: 'own', OtherRecordsTable: 'other' }, 'RecordsTable')).toBe('own');
  expect(find({ KeysRecordsTable: 'keys', KeysSecretsTable: 'secrets' }, 'RecordsTable')).toBe('keys');
  expect(find({ KeysSecretsTable: 'secrets' }, 'RecordsTable')).toBeUndefined();
});

test('a stack with two deployments is refused, and both are named', () => {
  expect(() => find({ OneRecordsTable: 'a', TwoRecordsTable: 'b' }, 'RecordsTable')).toThrow(
    'The stack Orders holds several deployments (OneRecordsTable, TwoRecordsTable): name the tables with --tables.',
  );
});
