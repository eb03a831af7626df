import { readRows } from '../../../bin/import/row-reader.ts';
import { importToTables } from '../../../bin/import/to-tables.ts';
import { dynamoDbClient, PATIENT } from '../../../stores/dynamodb/table/client.ts';
import { importedProfile } from './imported-profile.ts';

/**
 * A process that imports a file into tables of a test, as the operator's command does. It says on stdout how far it is, so that
 * a test can kill it at a moment of its choice.
 */
const [file = '', accessKeyId = '', endpoint = ''] = process.argv.slice(2);
const credentials = { accessKeyId, secretAccessKey: 'unused' };
const client = dynamoDbClient({ endpoint, region: 'us-east-1', credentials, ...PATIENT });
const skipped: number[] = [];
const tell = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
tell({ rows: 0 });
const counts = await importToTables(readRows(file, { renamed: {}, ignored: new Set(), defaults: {} }), {
  tables: {
    client,
    records: 'records',
    secrets: 'secrets',
    events: 'events',
    managementKeys: 'managementKeys',
  },
  profile: importedProfile,
  workspace: 'acme',
  maxKeysPerMember: 500,
  changes: 'make',
  report: ({ line, code }) => code !== 'already_ended' && skipped.push(line),
  progress: tell,
});
tell({ ...counts, skippedLines: skipped.sort((one, other) => one - other) });
client.destroy();
