import { refused } from './refused.ts';

/** Two steps of one run of a workflow ask for the same job. */
export const calledTwice = (command: string): string =>
  refused(
    command,
    'was not started: another step of this run asks for the same job, as happens when a workflow or composite action is called twice. Pass a different `idempotency-key` in each call, then start a new run.',
  );
