import { errorsSchema } from '../core/profile/error-body-schema.ts';
import { plansSchema, profileSchema } from '../core/profile/schema.ts';
import {
  editorSchemaOf,
  type FileReference,
  fieldTableOf,
  type JsonSchema,
  jsonSchemaOf,
} from './field-reference.ts';
import { MEANINGS } from './profile-meanings.ts';

const PROFILE: FileReference = {
  title: 'A product of Keyward',
  schema: schemaOfProfiles,
  meanings: MEANINGS,
  source: 'bin/profile-meanings.ts',
};

function schemaOfProfiles(): JsonSchema {
  const schema = jsonSchemaOf(profileSchema);
  // Plans and errors are looked at before they are read, which no JSON Schema says.
  Object.assign(schema.properties?.rate_limits?.properties?.plans ?? {}, jsonSchemaOf(plansSchema));
  Object.assign(schema.properties?.errors ?? {}, jsonSchemaOf(errorsSchema, 'output'));
  return schema;
}

/** The JSON Schema of profiles, for editors. */
export function profileJsonSchema(): object {
  return editorSchemaOf(PROFILE);
}

/** The table of every field, as a page. */
export function profileFieldsPage(): string {
  return `# Every field of a profile

Made from the schema that checks profiles (\`npm run file-reference\`). [Write your own profile](your-own.md) builds one step by step; \`npm run --silent keyward -- profile check FILE\` tells every mistake of a file with its line and column. An editor knows the fields if the file says \`"$schema": "./profile.schema.json"\`, which is \`profiles/profile.schema.json\`.

\`[]\` is each value of a list, \`*\` each member of an object whose names are free. A list names nothing twice.

${fieldTableOf(PROFILE)}`;
}
