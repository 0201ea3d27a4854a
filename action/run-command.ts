import { setOutput } from '@actions/core';
import { handleWorkflowRequest } from '../chatops/handle-workflow-request.ts';
import { buildWorkflowRequest } from './workflow-request.ts';
import { withCancelOnAbort } from './follow/cancel-job.ts';
import { finishStep, followJob } from './follow/follow-job.ts';
import { buildRetryOptions, retryCall } from './retry.ts';
import { toThreadPorts, openPorts, type ActionPorts } from './ports.ts';
import { createThreadReply } from './thread-reply.ts';
import { formatJobName } from './report/annotate.ts';
import { reportRefusal } from './report/report-job.ts';
import type { ActionStep } from './step/step.ts';
import { info } from './report/log.ts';

/** Runs the command of the inputs. @returns the step's exit code */
export const runCommand = async (command: string, step: ActionStep): Promise<number> => {
  const ports = await openPorts(step);
  return withCancelOnAbort(step, ports, () => startAndFollow(command, step, ports));
};

const startAndFollow = async (
  command: string,
  step: ActionStep,
  actionPorts: ActionPorts,
): Promise<number> => {
  const { inputs, runner, deadline } = step;
  const number = inputs['reply-to'];
  const thread = { repository: runner.repository, number: number ?? 0, kind: 'issue' } as const;
  const ports = toThreadPorts(thread, actionPorts);
  const reply =
    number === undefined ? undefined : createThreadReply({ host: runner.host, thread }, ports, step);
  const retryOptions = buildRetryOptions(deadline);
  const request = await retryCall(() => buildWorkflowRequest(command, step, ports.octokit), retryOptions);
  const { says, reason, outcome } = await retryCall(
    () => handleWorkflowRequest(request, ports),
    retryOptions,
  );
  if (says.kind !== 'job') {
    await reportRefusal(says.markdown, reason);
    await reply?.refuse(says.markdown);
    return 1;
  }
  const { job } = says;
  const { id } = job;
  setOutput('job-id', id);
  info(`${formatJobName(job)} ${outcome === 'started' ? 'was started' : 'was already started'}: ${id}`);
  return finishStep(await followJob(id, { step, jobs: ports.jobs, reply }));
};
