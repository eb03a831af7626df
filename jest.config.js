export default {
  rootDir: import.meta.dirname,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  // Suites run in Node as the product does, and not in contexts of their own.
  runtime: '<rootDir>/test/runner/runtime.ts',
  testEnvironment: '<rootDir>/test/runner/environment.ts',
  globalSetup: '<rootDir>/test/global-setup.ts',
  globalTeardown: '<rootDir>/test/global-teardown.ts',
  // These have a configuration of their own.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/clients/',
    '<rootDir>/test/console/browser/',
    '<rootDir>/test/deploy/',
    '<rootDir>/test/docs/commands/',
    '<rootDir>/test/package/',
  ],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/dist', '<rootDir>/.keyward'],
  // What a test waits for is there in seconds, and in minutes where a product is synthesized first on a machine with other work.
  testTimeout: 300_000,
  // Most tests wait for other processes; with as many workers as cores, one of two cores would often idle.
  maxWorkers: 3,
};
