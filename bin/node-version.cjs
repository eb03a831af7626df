'use strict';

// Loaded before everything else, in syntax that every Node reads: an older one cannot parse what comes next.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

// The repository holds TypeScript, which Node 24 runs as it is. The package holds JavaScript.
const fromSources = existsSync(join(__dirname, 'commands', 'program.ts'));
const needed = fromSources ? [24, 0] : [22, 15];
const advice = fromSources
  ? 'run `npm ci --include=optional`, which brings one for Linux and macOS, and begin commands with `npm run keyward -- …`, which uses it; or install it yourself.'
  : 'install a newer one.';
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  console.error(
    `keyward: Node ${fromSources ? '24' : '22.15'} or newer is needed, and this is Node ${process.versions.node}: ${advice}`,
  );
  process.exit(1);
}
