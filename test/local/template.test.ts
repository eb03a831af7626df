import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../local/assembly/json.ts';
import { TemplateResolver } from '../../local/assembly/template.ts';

const resolver = new TemplateResolver({
  stackName: 'Shop',
  account: '111122223333',
  region: 'eu-west-1',
  parameters: {
    Colour: { Type: 'String', Default: 'red' },
    Bare: { Type: 'String' },
    Remote: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/path' },
  },
  conditions: {
    Yes: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] },
    No: { 'Fn::Not': [{ Condition: 'Yes' }] },
    Both: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] },
    Either: { 'Fn::Or': [{ Condition: 'No' }, { Condition: 'Yes' }] },
    Odd: { 'Fn::Contains': [['a'], 'a'] },
  },
  mappings: { Sizes: { 'eu-west-1': { small: 3 } } },
  exports: new Map([['Other:Name', 'exported']]),
  stackOutputs: new Map([['Other', { Name: 'told' }]]),
  identify: (id) =>
    id === 'Table' ? { ref: 'the-table', attributes: { Arn: 'arn:table', 'Nested.Name': 'n' } } : undefined,
});

/** `Fn::Sub` reads what a JavaScript template would; written this way, neither a person nor the linter confuses them. */
const variable = (name: string) => `$\{${name}}`;

describe('intrinsics', () => {
  test.each<[Json, Json | undefined]>([
    [{ Ref: 'Table' }, 'the-table'],
    [{ Ref: 'Colour' }, 'red'],
    [{ Ref: 'AWS::AccountId' }, '111122223333'],
    [{ Ref: 'AWS::NoValue' }, undefined],
    [{ 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:table'],
    [{ 'Fn::GetAtt': 'Table.Nested.Name' }, 'n'],
    [
      {
        'Fn::Sub': `a-${variable('AWS::Region')}-${variable('Table')}-${variable('Table.Arn')}-${variable('!Literal')}`,
      },
      `a-eu-west-1-the-table-arn:table-${variable('Literal')}`,
    ],
    [{ 'Fn::Sub': [variable('own'), { own: { Ref: 'Table' } }] }, 'the-table'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'AWS::Partition' }, 1]] }, 'a-aws-1'],
    [{ 'Fn::Select': [1, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Table', 'Arn'] }] }] }, 'table'],
    [{ 'Fn::ImportValue': 'Other:Name' }, 'exported'],
    [{ 'Fn::GetStackOutput': { StackName: 'Other', OutputName: 'Name' } }, 'told'],
    [{ 'Fn::If': ['Yes', 'a', 'b'] }, 'a'],
    [{ 'Fn::If': ['Both', 'a', { Ref: 'AWS::NoValue' }] }, undefined],
    [{ 'Fn::If': ['Either', { Ref: 'Table' }, 'b'] }, 'the-table'],
    [{ 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'small'] }, 3],
    [{ Plain: [{ Ref: 'AWS::NoValue' }, 'kept'], Gone: { Ref: 'AWS::NoValue' } }, { Plain: ['kept'] }],
    [{ Condition: { StringEquals: { a: 'b' } } }, { Condition: { StringEquals: { a: 'b' } } }],
  ])('%j is %j', (value, expected) => {
    expect(resolver.resolve(value)).toEqual(expected);
  });

  test.each<[Json, RegExp]>([
    [{ Ref: 'Nobody' }, /Ref names Nobody/],
    [{ Ref: 'Bare' }, /Bare has no default/],
    [{ Ref: 'Remote' }, /Systems Manager/],
    [{ 'Fn::GetAtt': ['Table', 'Size'] }, /Table\.Size/],
    [{ 'Fn::ImportValue': 'Nothing' }, /exports Nothing/],
    [{ 'Fn::GetStackOutput': { StackName: 'Other', OutputName: 'No' } }, /output Other\.No/],
    [{ 'Fn::GetStackOutput': { StackName: 'Other', OutputName: 'Name', Region: 'eu-west-1' } }, /Region/],
    [{ 'Fn::Cidr': ['10.0.0.0/8', 1] }, /Fn::Cidr/],
    [{ 'Fn::If': ['Absent', 1, 2] }, /condition Absent/],
    [{ 'Fn::If': ['Odd', 1, 2] }, /Fn::Contains/],
    [{ 'Fn::Select': [7, ['a']] }, /Fn::Select/],
  ])('%j stops the run', (value, expected) => {
    expect(() => resolver.resolve(value)).toThrow(expected);
    expect(() => resolver.resolve(value)).toThrow(/^Stack Shop: /);
  });
});
