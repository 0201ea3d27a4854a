/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // `npm run test:k8s` runs these on a cluster, except the tests of the cluster's own code.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/kubernetes/(?!cluster/)'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/architecture/strip-types.js' },
  testEnvironment: '<rootDir>/test/architecture/environment.js',
  coverageProvider: 'v8',
  collectCoverageFrom: ['{action,bot,chatops,cli,compute,contracts,local,runtime}/**/*.ts'],
  testTimeout: 120_000,
  // More than there are cores on a small machine: half of the time, tests wait for other processes.
  maxWorkers: 3,
  // A worker process leaves its event loop within a millisecond (test/architecture/environment.js fails a file that leaves anything
  // open), but on a busy machine the kernel takes more than jest's 500 ms to free its gigabyte of memory.
  workerGracefulExitTimeout: 30_000,
  watchman: false,
};
