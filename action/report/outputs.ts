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
  'reply-url',
  'succeeded',
  'failed',
] as const;

export type Outputs = Partial<Record<(typeof outputNames)[number], string>>;

/** The longest `result`, in bytes. */
const mostBytes = 65_536;

const Exit = v.object({ exitCode: v.nullable(v.number()) });

/** What a job's last view gives to the steps that follow. No address has its signature. */
export const outputsOf = (job: Job): Outputs => {
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
    result: resultOf(job),
    'output-url': bare(job.links?.outputs?.url ?? job.links?.log?.url),
    'manifest-url': bare(job.links?.manifest?.url),
    succeeded: String(done),
    failed: String(failed),
  };
};

/** A compute job's result that is too large for its view comes as null, with a link. */
const resultOf = (job: Job): string => {
  const { id, kind, state, reason, result } = job;
  const isElsewhere = kind === 'compute' && result === null && job.links?.result !== undefined;
  const whole = JSON.stringify({ v: 1, id, kind, state, reason, result: result ?? null });
  if (!isElsewhere && Buffer.byteLength(whole) <= mostBytes) return whole;
  return JSON.stringify({ v: 1, truncated: true, url: bare(job.links?.result?.url ?? job.links?.log?.url) });
};

/** An address without its query, where the signature is. */
const bare = (url: string | undefined): string => {
  if (url === undefined || !URL.canParse(url)) return '';
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
};
