import { renderRefusal } from './refusal.ts';

/** Refuses a step because another step of the same workflow run requested the same job. */
export const renderDuplicateStep = (command: string): string =>
  renderRefusal(
    command,
    'was not started: another step of this run requested the same job. This happens when a run calls a reusable workflow or composite action twice with the same values. Pass a different `idempotency-key` in each call, then start a new run.',
  );
