/* The package declares no types for its internals: executor.ts does. */
declare module 'durable-functions/lib/src/orchestrations/*';
