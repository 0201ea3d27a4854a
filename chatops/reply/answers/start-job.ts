import type { CallerName, Job, Problem, StartAnswer } from '../../../compute/client/index.ts';
import { toCodeSpan, escapeUnlessPlain } from '../../markdown/untrusted-text.ts';
import { formatCaller } from '../caller.ts';
import { formatExact } from '../exact-text.ts';
import { formatRequest } from '../headline.ts';
import { formatJobId } from '../job-link.ts';
import { renderRefusal } from './refusal.ts';
import { formatProblem } from './problem-list.ts';

/** Refuses a task whose definition in the catalogue is not valid. */
export const renderInvalidTask = (command: string, problem: string): string =>
  `${renderRefusal(command, 'was not started: the task definition is not valid. Ask the catalogue maintainer to fix it:')}\n\n- ${escapeUnlessPlain(problem)}.`;

/** Reports a problem for which the orchestrator did not start a job. */
export const renderNotStarted = (
  command: string,
  { problem }: Extract<StartAnswer, { problem: Problem }>,
): string => `${renderRefusal(command, 'was not started.')}\n\n- ${formatProblem(problem)}`;

/**
 * Refuses a command whose job id belongs to another job.
 * @param job that job, if it is visible to us
 * @param isRun whether the command comes from a workflow
 */
export const renderIdTaken = (command: string, job: Job | undefined, isRun: boolean): string => {
  const what = job ? ` (${formatExact(formatRequest(job), 300)})` : '';
  const by = job?.startedBy ? `, started by ${formatCaller(job.startedBy)},` : '';
  const remedy = isRun
    ? 'To run the command, start the workflow again, or pass a different `idempotency-key`.'
    : 'To run the command, write it in a new comment.';
  return renderRefusal(command, `was not started: another job${what}${by} already has its id. ${remedy}`);
};

/** Reports that the command's job exists, started by a caller whose jobs we do not follow. `status`: the command that shows it. */
export const renderStartedElsewhere = (
  command: string,
  { id, by, status }: { id: string; by: CallerName; status: string },
): string =>
  renderRefusal(
    command,
    `was not started again: ${formatCaller(by)} already started exactly this as ${formatJobId(id)}, but its progress is not shown here. To see its state, write ${toCodeSpan(status)}. To run the command again, write it in a new comment.`,
  );

/** Refuses a step because another step of the same workflow run requested the same job. */
export const renderDuplicateStep = (command: string): string =>
  renderRefusal(
    command,
    'was not started: another step of this run requested the same job. This happens when a run calls a reusable workflow or composite action twice with the same values. Pass a different `idempotency-key` in each call, then start a new run.',
  );
