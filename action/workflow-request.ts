import * as v from 'valibot';
import { request, type Octokit } from '../chatops/github/api-client.ts';
import type { WorkflowRequest } from '../chatops/handle-workflow-request.ts';
import type { ActionInputs } from './inputs/inputs.ts';
import type { RunnerContext } from './step/runner-context.ts';
import type { ActionStep } from './step/step.ts';

/** Returns the request of a step for `handleWorkflowRequest`. @param command the result of `getCommand` */
export const buildWorkflowRequest = async (
  command: string,
  { inputs, runner }: Pick<ActionStep, 'inputs' | 'runner'>,
  octokit: Octokit,
): Promise<WorkflowRequest> => ({
  host: runner.host,
  repository: runner.repository,
  step: {
    run: runner.run.id,
    job: runner.run.job,
    step: runner.run.step,
    attempt: runner.run.attempt,
    key: inputs['idempotency-key'] ?? '',
  },
  execution: runner.execution,
  actor: await getActor(runner, octokit),
  command,
  parameters: inputs.parameters,
  replyTo: inputs['reply-to'] ?? null,
});

/** Returns the command of the inputs; undefined if there is none. */
export const getCommand = ({ command, task, compute, algorithm }: ActionInputs): string | undefined => {
  if (task !== undefined) return `/run ${task}`;
  if (compute === undefined) return command;
  return `/compute ${compute}${algorithm === undefined ? '' : ` algorithm=${algorithm}`}`;
};

const Person = v.object({ id: v.number(), login: v.string() });

/**
 * Returns the user who triggered this attempt; `schedule` for the first attempt of a scheduled run. The runner provides the id of the
 * user who started the run, but not of the user who re-ran it.
 */
const getActor = async (
  { actor, triggeringActor, event, run }: RunnerContext,
  octokit: Octokit,
): Promise<WorkflowRequest['actor']> => {
  if (event.name === 'schedule' && run.attempt === 1) return 'schedule';
  if (triggeringActor === actor.login) return actor;
  return request(octokit, Person, 'GET /users/{username}', { username: triggeringActor });
};
