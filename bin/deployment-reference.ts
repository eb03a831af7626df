import { deploymentFields } from '../lib/files/deployment-schema.ts';
import { DEPLOYMENT_MEANINGS } from './deployment-meanings.ts';
import { editorSchemaOf, type FileReference, fieldTableOf, jsonSchemaOf } from './field-reference.ts';

const DEPLOYMENT: FileReference = {
  title: 'A deployment of Keyward',
  schema: () => jsonSchemaOf(deploymentFields),
  meanings: DEPLOYMENT_MEANINGS,
  source: 'bin/deployment-meanings.ts',
};

/** The JSON Schema of the file of a deployment, for editors. */
export function deploymentJsonSchema(): object {
  return editorSchemaOf(DEPLOYMENT);
}

/** The table of every field, as a page. */
export function deploymentFieldsPage(): string {
  return `# Every field of a deployment's file

Made from the schema that checks the file (\`npm run file-reference\`). [Settings of a deployment](settings.md) explains the larger ones. An editor knows the fields if the file says \`"$schema": "./lib/deployment.schema.json"\`, or \`"./node_modules/keyward/lib/deployment.schema.json"\` in a project of your own.

${fieldTableOf(DEPLOYMENT)}`;
}
