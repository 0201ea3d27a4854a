import type { Audit, AuditEntry } from '../../chatops/audit.ts';
import { getRequester, parseNotes } from '../../chatops/job/notes.ts';
import type { Job } from '../../compute/client/index.ts';
import type { TrackedReply, ReplyTarget } from './tracked-reply.ts';

/** The write that GitHub refused. `reply-refused` can be retried when the thread reopens, `reply-not-permitted` when the app gets permission. */
export type FailedWrite = 'reply-refused' | 'reply-not-permitted' | 'notice-refused' | 'check-refused';

/** Records in the audit that a write about jobs was refused. @param job records only this job, by id */
export const auditWriteFailure = (
  audit: Audit,
  tracked: TrackedReply,
  outcome: FailedWrite,
  job?: string,
): void => {
  for (const one of tracked.jobs.values()) {
    if (job === undefined || one.id === job) audit.record(toAuditEntry(one, tracked.target, outcome));
  }
};

const toAuditEntry = (job: Job, { host, thread, comment }: ReplyTarget, outcome: FailedWrite): AuditEntry => {
  const { policy } = parseNotes(job.origin);
  return {
    v: 1,
    at: new Date().toISOString(),
    who: getRequester(job) ?? { id: 0, login: job.origin.sender ?? '', kind: 'person' },
    what: job.origin.command ?? job.kind,
    where: { host, thread, comment: comment.id },
    // The job itself was allowed.
    allowed: true,
    reason: `job-${job.state}`,
    request: null,
    policy,
    job: job.id,
    outcome,
  };
};
