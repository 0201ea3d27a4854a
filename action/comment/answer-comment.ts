import { converse, reply, type Turn } from '../../chatops/handle-comment.ts';
import { bringUpToDate } from '../../chatops/reply-sync/sync-reply.ts';
import { readComment } from '../../chatops/github/comment.ts';
import {
  unlessRefused,
  WriteRefused,
  type IncomingComment,
  type Thread,
} from '../../chatops/github/ports.ts';
import { isTooOld } from '../../chatops/late.ts';
import { answerMissed } from '../../chatops/handle-missed-comment.ts';
import { vouchFor } from '../../chatops/job/index.ts';
import type { Job, Reason } from '../../compute/client/index.ts';
import { cancelingUnfollowed } from '../follow/cancel-job.ts';
import { ending, followToEnd, type Ending } from '../follow/follow-job.ts';
import { patienceOf, persistently } from '../retry.ts';
import { alone, onThread, portsOf, type ThreadPorts } from '../ports.ts';
import { replyPage } from '../thread-reply.ts';
import { nameOf } from '../report/annotate.ts';
import { setOutputs, writeSummary } from '../report/report-job.ts';
import { seldom, tried } from '../report/throttled-reply.ts';
import { readEvent } from '../step/event.ts';
import type { Step } from '../step/step.ts';
import { movedByApp } from './resumed-jobs.ts';
import { ownJobs, placeOf, vouching } from './own-jobs.ts';
import { jobsToFollow, type ToFollow } from './jobs-to-follow.ts';
import { info, warning } from '../report/log.ts';

/**
 * Does what the bot does with a comment, and follows its jobs as long as they do not wait for somebody or something.
 * @returns the step's exit code
 */
export const answerComment = async (step: Step): Promise<number> => {
  const comment = await commentOf(step);
  if (!comment) return 0;
  const ports = onThread(comment.thread, await portsOf(step));
  return cancelingUnfollowed(step, ports, () => answerAndFollow(comment, step, ports));
};

const answerAndFollow = async (comment: IncomingComment, step: Step, ports: ThreadPorts): Promise<number> => {
  const patience = patienceOf(step.stop);
  // Asked at each attempt: nobody may answer for hours.
  const answer = () => (isTooOld(comment) ? answerMissed : converse)(comment, ports);
  const turn = await persistently(answer, patience);
  if (turn) {
    if (turn.news) await unlessClosed(() => persistently(() => replyTo(comment, turn, ports), patience));
    else await tried(() => replyTo(comment, turn, ports), 'Could not add a reaction to the comment');
    await tellTexts(turn);
    await tried(() => tellReply(comment, ports, step));
  }
  const found = await persistently(() => jobsAfter(turn, comment, { step, ports }), patience);
  const jobs = await persistently(() => ownJobs(found, comment, ports), patience);
  const amongOthers = jobs.length > 1;
  const following = jobs.map((each) => followOne(each, comment, { step, ports, amongOthers }));
  // An error of one job is reported after the others have ended.
  await Promise.allSettled(following);
  return endOf(await Promise.all(following));
};

const replyTo = (comment: IncomingComment, turn: Turn, ports: ThreadPorts): Promise<void> =>
  alone(comment, comment.comment.id, ports, (here) => reply(comment, turn, here));

/** A thread that has been locked, or a repository archived, since the comment was written keeps no job from being followed. */
const unlessClosed = async (write: () => Promise<void>): Promise<void> => {
  try {
    await write();
  } catch (fault) {
    if (!(fault instanceof WriteRefused)) throw fault;
    warning(`The thread takes no reply: ${fault.message}`);
  }
};

const jobsAfter = (
  turn: Turn | undefined,
  comment: IncomingComment,
  { step, ports: { jobs, left } }: { step: Step; ports: ThreadPorts },
): Promise<ToFollow[]> => {
  if (!left.has(comment.comment.id)) return jobsToFollow(turn, comment, jobs);
  info('The app answers this comment');
  return movedByApp(comment, jobs, step.inputs.wait ? step.stop.signal : AbortSignal.abort());
};

/** How long a job may take to go on once it may, in milliseconds. */
const settling = 30_000;

/** The comment in the event; undefined if nobody listens to it. No app received it. */
const commentOf = async ({ runner }: Step): Promise<IncomingComment | undefined> => {
  const incoming = await readComment(await readEvent(runner), {
    app: null,
    host: runner.host,
    wrote: () => Promise.resolve(false),
  });
  return typeof incoming === 'string' ? undefined : { ...incoming, installation: null };
};

const tellReply = async (
  { comment, thread: { number } }: IncomingComment,
  { thread }: ThreadPorts,
  { runner }: Step,
): Promise<void> => {
  const reply = await thread.findReply(comment);
  if (reply) setOutputs({ 'reply-url': replyPage(runner, number, reply) });
};

/** A refusal that its author has already got today has no text. */
const tellTexts = async ({ sections, reaction }: Turn): Promise<void> => {
  if (reaction === 'confused') setOutputs({ state: 'refused', reason: 'refused' });
  for (const section of sections) {
    if (section.kind === 'job') continue;
    await writeSummary(section.markdown);
  }
};

/** Follows a job of this comment, or one of an earlier comment, maybe on another thread, which this one has moved. */
const followOne = async (
  { job, moved }: ToFollow,
  incoming: IncomingComment,
  { step, ports, amongOthers }: { step: Step; ports: ThreadPorts; amongOthers: boolean },
): Promise<Ending> => {
  const { id } = job;
  info(`${nameOf(vouchFor(job))} is followed: ${id}`);
  const where = placeOf(job, incoming);
  const there = onThread(where.thread, ports);
  let mark: (() => Promise<void>) | undefined;
  const react: Thread['react'] = async (to, reaction) => {
    mark = () => unlessRefused(there.thread.react(to, reaction));
  };
  const put = async (job: Job): Promise<void> => {
    await alone(where, where.comment.id, there, (here) =>
      bringUpToDate(where, [job], { ...here, thread: { ...here.thread, react } }),
    );
  };
  const reply = seldom(put, { ...step.stop, writtenAt: performance.now() });
  const settles = moved ? settling : 0;
  const end = await followToEnd(id, { step, jobs: vouching(ports.jobs), reply, amongOthers, settles });
  if (mark) await markAtLast(mark, step);
  // Whoever rejects or cancels a job has what was asked for.
  return moved && endsByWord.has(end.outputs.reason ?? '') ? { ...end, code: 0 } : end;
};

/** How long the last reaction is retried, in milliseconds: after a fault, and after a rate limit, which lasts a minute or more. */
const markGrace = { fault: 30_000, limit: 150_000 };

/** Adds the last reaction. The reply is already written, so the reaction is worth only a few minutes, and never fails the step. */
const markAtLast = async (mark: () => Promise<void>, { stop }: Step): Promise<void> => {
  const ends = performance.now() + markGrace.limit;
  const left = (): number => Math.min(stop.left(), ends - performance.now());
  const patience = {
    ...patienceOf({ signal: stop.signal, left }, info),
    grace: AbortSignal.timeout(markGrace.fault),
  };
  await tried(() => persistently(mark, patience), 'Could not add a reaction to the comment');
};

/** The reasons of jobs that somebody ended. */
const endsByWord: ReadonlySet<string> = new Set(['rejected', 'canceled-by-user'] satisfies Reason[]);

/** Which of several jobs the outputs describe: the first that ended badly, else that waits, else the first. */
const endOf = (endings: readonly Ending[]): number => {
  const incoming =
    endings.find(({ code }) => code !== 0) ??
    endings.find(({ outputs }) => outputs.state === 'waiting') ??
    endings[0];
  return incoming ? ending(incoming) : 0;
};
