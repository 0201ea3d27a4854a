/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/house/strip-types.js' },
  setupFilesAfterEnv: ['<rootDir>/test/house/leaks.ts'],
  coverageProvider: 'v8',
  collectCoverageFrom: ['{bot,chatops,cli,compute,runtime}/**/*.ts'],
  testTimeout: 30_000,
  maxWorkers: 2,
  watchman: false,
};
