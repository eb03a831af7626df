'use strict';

// Loaded before everything else, in syntax that every Node reads: an older one cannot parse what comes next.
const NEEDED = 24;
const [major] = process.versions.node.split('.');

if (Number(major) < NEEDED) {
  console.error(
    `keyward: Node ${NEEDED} or newer is needed, and this is Node ${process.versions.node}: run \`npm ci --include=optional\`, which brings one for Linux and macOS, and begin commands with \`npm run keyward -- …\`, which uses it; or install it yourself.`,
  );
  process.exit(1);
}
