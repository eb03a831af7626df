import { CfnOutput, CfnParameter, Fn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { InvalidProfile } from '../../core/profile/parse-profile.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { outermostStack, pathInStack } from '../parts/part-name.ts';
import type { IKeyTables } from './table-access.ts';

/**
 * Holds a stack to the product that it was first deployed with: CloudFormation refuses the template of another product before
 * it changes anything. The parameter allows one value, the product's name. `cdk deploy` sends the value of the deployed stack
 * (`UsePreviousValue`), and the template of another product does not allow that one.
 * @see docs/decisions/0018-rules-of-a-product.md for the cases that this does not cover.
 */
export function assertProductStays(scope: Construct, { name }: Profile): void {
  const product = new CfnParameter(scope, 'KeywardProduct', {
    type: 'String',
    default: name,
    allowedValues: [name],
    description: 'The product whose stack this is. It never changes.',
  });
  new CfnOutput(scope, 'Product', { value: product.valueAsString });
}

/**
 * Exports the product of the tables, under a name that only this product has. CloudFormation removes no export that another
 * stack imports, so a change that gets past the parameter fails here.
 * @returns the export's name.
 */
export function exportProduct(scope: Construct, { name }: Profile): string {
  const exportName = `${outermostStack(scope).stackName}:${pathInStack(scope)}:${name}`;
  new CfnOutput(scope, 'Product', { value: name, exportName });
  return exportName;
}

/** Makes a stack need the tables of its own product, unless it holds them, or another app does. */
export function importProduct(scope: Construct, tables: IKeyTables): void {
  const { productExport } = tables;
  if (productExport === undefined || outermostStack(scope) === outermostStack(tables)) return;
  new CfnOutput(scope, 'ProductOfTables', { value: Fn.importValue(productExport) });
}

/** @throws where the tables are another product's: the wrong rules would apply to every credential. */
export function assertSameProduct(name: string, { product }: IKeyTables): void {
  if (product === name) return;
  throw new InvalidProfile(
    `The profile is ${name}, and the tables are those of ${product}: each product has its own.`,
  );
}
