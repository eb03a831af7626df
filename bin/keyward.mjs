#!/usr/bin/env node
// The command line. This file is plain JavaScript: Node would spend more time on stripping the types of its first file than on
// the rest of the start, and the compile cache is on only from the second file.
import './node-version.cjs';
import './compile-cache.cjs';

const { runCommand } = await import('./commands/program.ts');
process.exitCode = await runCommand(process.argv.slice(2));
