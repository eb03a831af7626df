import { CfnOutput, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { InvalidProfile } from '../core/profile/parse-profile.ts';
import type { Profile } from '../core/profile/profile.ts';
import { pathInStack } from './api-stage.ts';

/** What tables say of the product whose keys they hold. */
export interface DeclaredProduct {
  /** The name of its profile. */
  readonly product: string;
  /** The name of the export that says so. */
  readonly productExport: string;
}

/**
 * Holds a stack to the product that it was first deployed with, so that a template of another one is refused before it changes
 * anything. The parameter allows one value, that product's name, and `cdk deploy` sends the value that the deployed stack
 * has (`UsePreviousValue`): in the template of another product it is not among the allowed ones.
 * @see docs/decisions/0018-rules-of-a-product.md for what it does not hold against.
 */
export function holdToProduct(stack: Stack, { name }: Profile): void {
  const product = new CfnParameter(stack, 'KeywardProduct', {
    type: 'String',
    default: name,
    allowedValues: [name],
    description: 'The product whose stack this is. It never changes.',
  });
  new CfnOutput(stack, 'Product', { value: product.valueAsString });
}

/**
 * Exports which product the tables are of, under a name that only that product has. CloudFormation removes no export that
 * another stack imports: what gets past the parameter fails at that.
 * @returns the export's name.
 */
export function exportProduct(scope: Construct, { name }: Profile): string {
  const exportName = `${Stack.of(scope).stackName}:${pathInStack(scope)}:${name}`;
  new CfnOutput(scope, 'Product', { value: name, exportName });
  return exportName;
}

/**
 * Makes a stack need the tables of its own product.
 * @throws where they are another product's: every credential would be judged by the wrong rules.
 */
export function importProduct(stack: Stack, { name }: Profile, tables: DeclaredProduct): void {
  assertSameProduct(name, tables);
  new CfnOutput(stack, 'ProductOfTables', { value: Fn.importValue(tables.productExport) });
}

/** @throws where the tables are of another product. */
export function assertSameProduct(name: string, { product }: DeclaredProduct): void {
  if (product === name) return;
  throw new InvalidProfile(
    `The profile is ${name}, and the tables are those of ${product}: each product has its own.`,
  );
}
