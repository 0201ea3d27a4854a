import { handleComment, postReply, type CommentResult } from '../../chatops/handle-comment.ts';
import { syncReply } from '../../chatops/reply-sync/sync-reply.ts';
import { parseCommentEvent } from '../../chatops/github/comment.ts';
import { ignoreRefusedWrite, WriteRefusedError, type Thread } from '../../chatops/github/ports.ts';
import { type IncomingComment, isTooOld } from '../../chatops/incoming-comment.ts';
import { handleMissedComment } from '../../chatops/handle-missed-comment.ts';
import { trustOrigin } from '../../chatops/job/index.ts';
import type { CommentKind } from '../../contracts/comment-id.ts';
import type { Job, JobReason } from '../../compute/client/index.ts';
import { withCancelOnAbort } from '../follow/cancel-job.ts';
import { finishStep, followJob, type StepResult } from '../follow/follow-job.ts';
import { buildRetryOptions, retryCall } from '../retry.ts';
import { foldAnswers, withReplyLease, toThreadPorts, openPorts, type ActionThreadPorts } from '../ports.ts';
import { getReplyUrl } from '../thread-reply.ts';
import { formatJobName } from '../report/annotate.ts';
import { setOutputs } from '../report/outputs.ts';
import { writeSummary } from '../report/report-job.ts';
import { throttleReply, warnOnError } from '../report/throttled-reply.ts';
import { readEvent } from '../step/event.ts';
import type { ActionStep } from '../step/step.ts';
import { findJobsResumedByApp } from './resumed-jobs.ts';
import { filterOwnJobs, getOriginComment, trustOrigins } from './own-jobs.ts';
import { selectJobsToFollow, type JobToFollow } from './jobs-to-follow.ts';
import { info, warning } from '../report/log.ts';

/**
 * Handles the event's comment as the bot does, and follows its jobs until they end or wait for an approval or a lock.
 * @returns the step's exit code
 */
export const answerComment = async (kind: CommentKind, step: ActionStep): Promise<number> => {
  const comment = await readIncomingComment(kind, step);
  if (!comment) return 0;
  const ports = toThreadPorts(comment.thread, await openPorts(step));
  return withCancelOnAbort(step, ports, () => answerAndFollow(comment, step, ports));
};

const answerAndFollow = async (
  comment: IncomingComment,
  step: ActionStep,
  ports: ActionThreadPorts,
): Promise<number> => {
  const retryOptions = buildRetryOptions(step.deadline);
  // Checked at each attempt, because retries can take hours.
  const answer = () => (isTooOld(comment) ? handleMissedComment : handleComment)(comment, ports);
  const result = await retryCall(answer, retryOptions);
  if (result) {
    if (result.news)
      await warnIfThreadClosed(() => retryCall(() => writeReply(comment, result, ports), retryOptions));
    else
      await warnOnError(() => writeReply(comment, result, ports), 'Could not add a reaction to the comment');
    await reportTexts(result);
    if (result.news) await foldAnswers(comment, result, ports);
    await warnOnError(() => setReplyUrl(comment, ports, step));
  }
  const found = await retryCall(() => findJobsToFollow(result, comment, { step, ports }), retryOptions);
  const jobs = await retryCall(() => filterOwnJobs(found, comment, ports), retryOptions);
  const hasSeveralJobs = jobs.length > 1;
  const following = jobs.map((each) => followOneJob(each, comment, { step, ports, hasSeveralJobs }));
  // If one job fails with an error, it is reported after the others have ended.
  await Promise.allSettled(following);
  return finishWithOne(await Promise.all(following));
};

const writeReply = (
  comment: IncomingComment,
  result: CommentResult,
  ports: ActionThreadPorts,
): Promise<void> =>
  withReplyLease(comment, comment.comment.id, ports, (here) => postReply(comment, result, here));

/** Warns if GitHub refuses the write, such as in a locked thread or an archived repository: the step still follows the jobs. */
const warnIfThreadClosed = async (write: () => Promise<void>): Promise<void> => {
  try {
    await write();
  } catch (fault) {
    if (!(fault instanceof WriteRefusedError)) throw fault;
    warning(`Could not write the reply: ${fault.message}`);
  }
};

const findJobsToFollow = (
  result: CommentResult | undefined,
  comment: IncomingComment,
  { step, ports: { jobs, answeredByApp } }: { step: ActionStep; ports: ActionThreadPorts },
): Promise<JobToFollow[]> => {
  if (!answeredByApp.has(comment.comment.id)) return selectJobsToFollow(result, comment, jobs);
  info('The app answers this comment');
  return findJobsResumedByApp(comment, jobs, step.inputs.wait ? step.deadline.signal : AbortSignal.abort());
};

/** How long a job that was approved or got its lock may still show as waiting, in milliseconds. */
const settleTime = 30_000;

/** Returns the comment of the event; undefined if the Action ignores it. */
const readIncomingComment = async (
  kind: CommentKind,
  { runner }: ActionStep,
): Promise<IncomingComment | undefined> => {
  const incoming = await parseCommentEvent(kind, await readEvent(runner), {
    app: null,
    host: runner.host,
    isOwn: () => Promise.resolve(false),
  });
  return typeof incoming === 'string' ? undefined : { ...incoming, installation: null };
};

const setReplyUrl = async (
  { comment, thread: { number } }: IncomingComment,
  { thread }: ActionThreadPorts,
  { runner }: ActionStep,
): Promise<void> => {
  const reply = await thread.findReply(comment);
  if (reply) setOutputs({ 'reply-url': getReplyUrl(runner, number, reply) });
};

/** Adds refusals and answers to the summary. A refusal has no text if its author has already been refused today. */
const reportTexts = async ({ sections, reaction }: CommentResult): Promise<void> => {
  if (reaction === 'confused') setOutputs({ state: 'refused', reason: 'refused' });
  for (const section of sections) {
    if (section.kind === 'job') continue;
    await writeSummary(section.markdown);
  }
};

/** Follows a job of this comment, or a job of an earlier comment, possibly on another thread, that this comment resumed or ended. */
const followOneJob = async (
  { job, resumed }: JobToFollow,
  incoming: IncomingComment,
  { step, ports, hasSeveralJobs }: { step: ActionStep; ports: ActionThreadPorts; hasSeveralJobs: boolean },
): Promise<StepResult> => {
  const { id } = job;
  info(`${formatJobName(trustOrigin(job))}: following ${id}`);
  const origin = getOriginComment(job, incoming);
  const originPorts = toThreadPorts(origin.thread, ports);
  let addReaction: (() => Promise<void>) | undefined;
  const react: Thread['react'] = async (to, reaction) => {
    addReaction = () => ignoreRefusedWrite(originPorts.thread.react(to, reaction));
  };
  const writeReply = async (job: Job): Promise<void> => {
    await withReplyLease(origin, origin.comment.id, originPorts, (here) =>
      syncReply(origin, [job], { ...here, thread: { ...here.thread, react } }),
    );
  };
  const reply = throttleReply(writeReply, { ...step.deadline, writtenAt: performance.now() });
  const settleMilliseconds = resumed ? settleTime : 0;
  const end = await followJob(id, {
    step,
    jobs: trustOrigins(ports.jobs),
    reply,
    hasSeveralJobs,
    settleMilliseconds,
  });
  if (addReaction) await addFinalReaction(addReaction, step);
  // For a comment that rejects or cancels a job, this is a success.
  return resumed && decidedReasons.has(end.outputs.reason ?? '') ? { ...end, code: 0 } : end;
};

/** How long the final reaction is retried, in milliseconds: after an error, and after a rate limit, which lasts at least a minute. */
const reactionRetryMilliseconds = { fault: 30_000, limit: 150_000 };

/** Adds the final reaction. The reply is already written, so this retries for a few minutes only and never fails the step. */
const addFinalReaction = async (
  addReaction: () => Promise<void>,
  { deadline }: ActionStep,
): Promise<void> => {
  const endsAt = performance.now() + reactionRetryMilliseconds.limit;
  const getRemaining = (): number => Math.min(deadline.getRemaining(), endsAt - performance.now());
  const retryOptions = {
    ...buildRetryOptions({ signal: deadline.signal, getRemaining }, info),
    graceSignal: AbortSignal.timeout(reactionRetryMilliseconds.fault),
  };
  await warnOnError(() => retryCall(addReaction, retryOptions), 'Could not add a reaction to the comment');
};

/** The reason codes of jobs that a user ended. */
const decidedReasons: ReadonlySet<string> = new Set(['rejected', 'canceled-by-user'] satisfies JobReason[]);

/** Sets the outputs of one of several jobs: the first that failed, else the first that waits, else the first. */
const finishWithOne = (results: readonly StepResult[]): number => {
  const selected =
    results.find(({ code }) => code !== 0) ??
    results.find(({ outputs }) => outputs.state === 'waiting') ??
    results[0];
  return selected ? finishStep(selected) : 0;
};
