import { synthesizeInto } from '../bin/synthesized-product.ts';

/** Synthesizes a profile into a folder, as a process of its own: `node test/synthesize.ts PROFILE FOLDER [CONTEXT]`. */
const [profileName = '', outdir = '', context = '{}'] = process.argv.slice(2);
synthesizeInto(outdir, profileName, JSON.parse(context));
