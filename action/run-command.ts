import { setOutput } from '@actions/core';
import { askFor } from '../chatops/handle-workflow-request.ts';
import { workflowRequest } from './workflow-request.ts';
import { cancelingUnfollowed } from './follow/cancel-job.ts';
import { ending, followToEnd } from './follow/follow-job.ts';
import { patienceOf, persistently } from './retry.ts';
import { onThread, portsOf, type Ports } from './ports.ts';
import { threadReply } from './thread-reply.ts';
import { nameOf } from './report/annotate.ts';
import { reportRefusal } from './report/report-job.ts';
import type { Step } from './step/step.ts';
import { info } from './report/log.ts';

/** Runs the command that the inputs name. @returns the step's exit code */
export const run = async (command: string, step: Step): Promise<number> => {
  const ports = await portsOf(step);
  return cancelingUnfollowed(step, ports, () => startAndFollow(command, step, ports));
};

const startAndFollow = async (command: string, step: Step, anywhere: Ports): Promise<number> => {
  const { inputs, runner, stop } = step;
  const number = inputs['reply-to'];
  const thread = { repository: runner.repository, number: number ?? 0, kind: 'issue' } as const;
  const ports = onThread(thread, anywhere);
  const reply = number === undefined ? undefined : threadReply({ host: runner.host, thread }, ports, step);
  const patience = patienceOf(stop);
  const request = await persistently(() => workflowRequest(command, step, ports.octokit), patience);
  const { says, reason, outcome } = await persistently(() => askFor(request, ports), patience);
  if (says.kind !== 'job') {
    await reportRefusal(says.markdown, reason);
    await reply?.refuse(says.markdown);
    return 1;
  }
  const { job } = says;
  const { id } = job;
  setOutput('job-id', id);
  info(`${nameOf(job)} ${outcome === 'started' ? 'is started' : 'was started before'}: ${id}`);
  return ending(await followToEnd(id, { step, jobs: ports.jobs, reply }));
};
