import * as v from 'valibot';
import { request, type Octokit } from '../chatops/github/api-client.ts';
import type { WorkflowRequest } from '../chatops/handle-workflow-request.ts';
import type { ActionInputs } from './inputs/inputs.ts';
import type { RunnerContext } from './step/runner-context.ts';
import type { ActionStep } from './step/step.ts';

/** What a step asks for, in the words of `askFor`. @param command as `commandOf` has it of the inputs */
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

/** The command that the inputs name; undefined if none does. */
export const getCommand = ({ command, task, compute, algorithm }: ActionInputs): string | undefined => {
  if (task !== undefined) return `/run ${task}`;
  if (compute === undefined) return command;
  return `/compute ${compute}${algorithm === undefined ? '' : ` algorithm=${algorithm}`}`;
};

const Person = v.object({ id: v.number(), login: v.string() });

/**
 * Who caused this attempt. A run on a schedule nobody caused, unless somebody has started it again. The runner tells the id of
 * who began the run, but not of who began a later attempt.
 */
const getActor = async (
  { actor, triggeringActor, event, run }: RunnerContext,
  octokit: Octokit,
): Promise<WorkflowRequest['actor']> => {
  if (event.name === 'schedule' && run.attempt === 1) return 'schedule';
  if (triggeringActor === actor.login) return actor;
  return request(octokit, Person, 'GET /users/{username}', { username: triggeringActor });
};
