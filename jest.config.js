export default {
  rootDir: import.meta.dirname,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  // Keyward's own functions are bundled with the profile of their deployment, and have none otherwise.
  moduleNameMapper: { '^#profile$': '<rootDir>/test/standard-profile.ts' },
  transform: { '\\.ts$': '<rootDir>/test/esbuild-transform.js' },
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/global-setup.ts',
  globalTeardown: '<rootDir>/test/global-teardown.ts',
  // These have a configuration of their own.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/clients/', '<rootDir>/test/docs/commands/'],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/.keyward'],
  testTimeout: 90_000,
  // Most tests wait for other processes; jest would leave one of two cores idle.
  maxWorkers: 2,
};
