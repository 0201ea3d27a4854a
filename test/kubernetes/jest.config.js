import config from '../../jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...config,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/kubernetes/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/kubernetes/cluster/'],
  // All tests use one cluster.
  maxWorkers: 1,
  testTimeout: 600_000,
};
