import { setOutput } from '@actions/core';
import * as v from 'valibot';
import type { Job } from '../../compute/client/index.ts';

/** Every output of `action.yml`. */
export const outputNames = [
  'job-id',
  'state',
  'reason',
  'exit-code',
  'result',
  'output-url',
  'manifest-url',
  'outputs',
  'reply-url',
  'succeeded',
  'failed',
] as const;

export type ActionOutputs = Partial<Record<(typeof outputNames)[number], string>>;

/** Sets outputs of the step. */
export const setOutputs = (outputs: ActionOutputs): void => {
  for (const [name, value] of Object.entries(outputs)) setOutput(name, value);
};

/** The maximum size of `result`. */
const maxResultBytes = 65_536;

type DeliveredFile = NonNullable<Job['files']>['delivered'][number];

const Exit = v.object({ exitCode: v.nullable(v.number()) });

/** Returns the outputs for a job's last view. Addresses have no signature. */
export const buildOutputs = (job: Job): ActionOutputs => {
  const exit = job.kind === 'task' ? v.safeParse(Exit, job.result) : undefined;
  const { done, failed } = job.progress ?? {
    done: Number(job.state === 'completed'),
    failed: Number(job.state === 'failed' || job.state === 'timed-out'),
  };
  return {
    'job-id': job.id,
    state: job.state,
    reason: job.reason ?? '',
    'exit-code': exit?.success ? String(exit.output.exitCode ?? '') : '',
    result: formatResult(job),
    'output-url': removeQuery(job.links?.outputs?.url ?? job.links?.log?.url),
    'manifest-url': removeQuery(job.links?.manifest?.url),
    outputs: JSON.stringify((job.files?.delivered ?? []).map(toOutputFile)),
    succeeded: String(done),
    failed: String(failed),
  };
};

/** Returns `result`. If a compute job's result is too large for its view, the view has null and a link instead. */
const formatResult = (job: Job): string => {
  const { id, kind, state, reason, result } = job;
  const isStoredElsewhere = kind === 'compute' && result === null && job.links?.result !== undefined;
  const whole = JSON.stringify({ v: 1, id, kind, state, reason, result: result ?? null });
  if (!isStoredElsewhere && Buffer.byteLength(whole) <= maxResultBytes) return whole;
  return JSON.stringify({
    v: 1,
    truncated: true,
    url: removeQuery(job.links?.result?.url ?? job.links?.log?.url),
  });
};

const toOutputFile = ({ name, bytes, type, sha256, url }: DeliveredFile) => ({
  name,
  bytes,
  type,
  sha256,
  url: removeQuery(url),
});

/** Returns an address without its query, which contains the signature. */
const removeQuery = (url: string | undefined): string => {
  if (url === undefined || !URL.canParse(url)) return '';
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
};
