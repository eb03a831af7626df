import { CfnOutput, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { InvalidProfile } from '../core/profile/parse-profile.ts';
import type { Profile } from '../core/profile/profile.ts';
import { pathInStack } from './api-stage.ts';

/** Tables say which product's keys they hold. */
export interface DeclaredProduct {
  /** The name of its profile. */
  readonly product: string;
  /** The name of the CloudFormation export that says so. */
  readonly productExport: string;
}

/**
 * Holds a stack to the product that it was first deployed with: CloudFormation refuses the template of another product before
 * it changes anything. The parameter allows one value, the product's name. `cdk deploy` sends the value of the deployed stack
 * (`UsePreviousValue`), and the template of another product does not allow that one.
 * @see docs/decisions/0018-rules-of-a-product.md for the cases that this does not cover.
 */
export function assertProductStays(stack: Stack, { name }: Profile): void {
  const product = new CfnParameter(stack, 'KeywardProduct', {
    type: 'String',
    default: name,
    allowedValues: [name],
    description: 'The product whose stack this is. It never changes.',
  });
  new CfnOutput(stack, 'Product', { value: product.valueAsString });
}

/**
 * Exports the product of the tables, under a name that only this product has. CloudFormation removes no export that another
 * stack imports, so a change that gets past the parameter fails here.
 * @returns the export's name.
 */
export function exportProduct(scope: Construct, { name }: Profile): string {
  const exportName = `${Stack.of(scope).stackName}:${pathInStack(scope)}:${name}`;
  new CfnOutput(scope, 'Product', { value: name, exportName });
  return exportName;
}

/**
 * Makes a stack need the tables of its own product.
 * @throws where they are another product's: the wrong rules would apply to every credential.
 */
export function importProduct(stack: Stack, { name }: Profile, tables: DeclaredProduct): void {
  assertSameProduct(name, tables);
  new CfnOutput(stack, 'ProductOfTables', { value: Fn.importValue(tables.productExport) });
}

/** @throws where the tables belong to another product. */
export function assertSameProduct(name: string, { product }: DeclaredProduct): void {
  if (product === name) return;
  throw new InvalidProfile(
    `The profile is ${name}, and the tables are those of ${product}: each product has its own.`,
  );
}
