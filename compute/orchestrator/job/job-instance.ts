import * as v from 'valibot';
import { JobId } from '../../../contracts/ids.ts';
import type { InstanceStatus } from '../durable.ts';
import { JobOutput, JobInput, orchestrators, JobStatus } from './job-state.ts';
import { isLive } from './instances.ts';

/** An orchestration instance that is a job. `end`: its output if it has completed. */
export type JobInstance = { id: JobId; input: JobInput; status: InstanceStatus; end: JobOutput | undefined };

/** Parses an instance's status; undefined if the instance is not a job. */
export const parseJobInstance = (status: InstanceStatus): JobInstance | undefined => {
  const id = v.safeParse(JobId, status.instanceId);
  const input = v.safeParse(JobInput, status.input);
  if (!id.success || !input.success || status.name !== orchestrators[input.output.kind]) return undefined;
  const end = status.runtimeStatus === 'Completed' ? v.safeParse(JobOutput, status.output) : undefined;
  return { id: id.output, input: input.output, status, end: end?.success ? end.output : undefined };
};

const emptyStatus: JobStatus = { startedAt: null, waiting: null, approvals: [] };

/** Returns what a job waits for, its approvals and its start: from its output if it has completed, otherwise from its custom status. */
export const getJobStatus = ({ status, end }: JobInstance): JobStatus => {
  if (end) return { startedAt: end.startedAt, waiting: null, approvals: end.approvals };
  const parsed = v.safeParse(JobStatus, status.customStatus);
  const jobStatus = parsed.success ? parsed.output : emptyStatus;
  return isLive(status) ? jobStatus : { ...jobStatus, waiting: null, launch: null };
};
