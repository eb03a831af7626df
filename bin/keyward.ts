#!/usr/bin/env node
import './compile-cache.cjs';

/** The command line. */
const { runCommand } = await import('./commands/program.ts');
process.exitCode = await runCommand(process.argv.slice(2));
