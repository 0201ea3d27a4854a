import { info, warning } from '@actions/core';
import { converse, reply, type Turn } from '../chatops/conversation.ts';
import { answerMissed } from '../chatops/missed.ts';
import { readComment } from '../chatops/github/comment.ts';
import type { IncomingComment } from '../chatops/github/port.ts';
import { isTooOld } from '../chatops/late.ts';
import { bringUpToDate } from '../chatops/refreshing.ts';
import type { Job } from '../compute/client/index.ts';
import { ending, followToEnd, type Ending } from './end.ts';
import { readEvent } from './event.ts';
import { persistently } from './patience.ts';
import { alone, onThread, portsOf, type ThreadPorts } from './ports.ts';
import { replyPage } from './reply.ts';
import { seldom, setOutputs, tried, writeSummary } from './report.ts';
import type { Step } from './step.ts';

/**
 * Does what the bot does with a comment, and follows its jobs as long as they do not wait for somebody or something.
 * @returns the step's exit code
 */
export const answerComment = async (step: Step): Promise<number> => {
  const comment = await commentOf(step);
  if (!comment) return 0;
  const ports = onThread(comment.thread, await portsOf(step));
  const patience = { stop: step.stop.signal, tell: warning };
  const answer = isTooOld(comment) ? answerMissed : converse;
  const turn = await persistently(() => answer(comment, ports), patience);
  if (turn) {
    await persistently(
      () => alone(comment, comment.comment.id, ports, (here) => reply(comment, turn, here)),
      patience,
    );
    await tellTexts(turn);
    await tried(() => tellReply(comment, ports, step));
  }
  const jobs = await persistently(() => jobsOf(turn, comment, ports), patience);
  const endings = await Promise.all(jobs.map((job) => followOne(job, comment, { step, ports })));
  return endOf(endings);
};

/** The comment in the event; undefined if nobody listens to it. No app was told of it. */
const commentOf = async ({ runner }: Step): Promise<IncomingComment | undefined> => {
  const told = await readComment(await readEvent(runner), {
    app: null,
    host: runner.host,
    wrote: () => Promise.resolve(false),
  });
  return typeof told === 'string' ? undefined : { ...told, installation: null };
};

const tellReply = async (
  { comment, thread: { number } }: IncomingComment,
  { thread }: ThreadPorts,
  { runner }: Step,
): Promise<void> => {
  const reply = await thread.findReply(comment);
  if (reply) setOutputs({ 'reply-url': replyPage(runner, number, reply) });
};

const tellTexts = async ({ sections }: Turn): Promise<void> => {
  for (const section of sections) {
    if (section.kind === 'job') continue;
    if (section.kind === 'refusal') setOutputs({ state: 'refused', reason: 'refused' });
    await writeSummary(section.markdown);
  }
};

/**
 * The jobs to follow: those of the comment. Of one that says what to do with others (approve, unlock), also those of the
 * thread, which may go on now; of one that came late, or again, those that still live.
 */
const jobsOf = async (
  turn: Turn | undefined,
  comment: IncomingComment,
  { jobs }: ThreadPorts,
): Promise<Job[]> => {
  const own = (turn?.sections ?? []).flatMap((section) => (section.kind === 'job' ? [section.job] : []));
  const seesToOthers = turn?.sections.some(({ kind }) => kind === 'answer') ?? false;
  if (!seesToOthers && !isTooOld(comment)) return own.filter(isFollowedHere);
  const { thread } = comment;
  const { jobs: alive } = await jobs.page({
    thread: `${thread.repository.id}/${thread.number}`,
    states: ['queued', 'waiting', 'running'],
  });
  const ids = new Set(own.map(({ id }) => id));
  const others = alive.filter(
    ({ id, origin }) => !ids.has(id) && (seesToOthers || origin.comment?.id === comment.comment.id),
  );
  return [...own, ...others].filter(isFollowedHere);
};

/** Jobs that came from no comment follow their own run; those that an app started, the app. */
const isFollowedHere = ({ origin }: Job): boolean =>
  origin.comment !== undefined && origin.installation === undefined;

const followOne = (
  { id, origin }: Job,
  told: IncomingComment,
  { step, ports }: { step: Step; ports: ThreadPorts },
): Promise<Ending> => {
  info(`${id} is followed`);
  const comment = origin.comment ? { ...told.comment, ...origin.comment } : told.comment;
  const put = async (job: Job): Promise<void> => {
    await alone(told, comment.id, ports, (here) => bringUpToDate({ ...told, comment }, [job], here));
  };
  return followToEnd(id, { step, jobs: ports.jobs, reply: seldom(put, performance.now()) });
};

/** What the steps after this one are told of several jobs: the first that ended badly, else that waits, else the first. */
const endOf = (endings: readonly Ending[]): number => {
  const told =
    endings.find(({ code }) => code !== 0) ??
    endings.find(({ outputs }) => outputs.state === 'waiting') ??
    endings[0];
  return told ? ending(told) : 0;
};
