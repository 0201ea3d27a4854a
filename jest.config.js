/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/house/strip-types.js' },
  testEnvironment: '<rootDir>/test/house/environment.js',
  coverageProvider: 'v8',
  collectCoverageFrom: ['{action,bot,chatops,cli,compute,runtime}/**/*.ts'],
  testTimeout: 30_000,
  // A leak is reported as a failure; it must not keep jest from ending as well.
  forceExit: true,
  // More than there are cores on a small machine: half of the time, tests wait for other processes.
  maxWorkers: 3,
  watchman: false,
};
