'use strict';

// CommonJS gets this file where it cannot load an ES module: in an old Node, and in tools with a `require` of their own.
throw new Error(
  'Keyward is an ES module: use `import`, and say "type": "module" in your package.json. `require` works too in Node 22.15 and newer, but not inside tools with a `require` of their own, such as jest without --experimental-vm-modules.',
);
