import { info, warning } from '@actions/core';
import { converse, reply, type Turn } from '../chatops/conversation.ts';
import { readComment } from '../chatops/github/comment.ts';
import type { IncomingComment } from '../chatops/github/port.ts';
import { bringUpToDate } from '../chatops/refreshing.ts';
import type { ConversationPorts } from '../chatops/visit.ts';
import type { Job } from '../compute/client/index.ts';
import { followToEnd } from './end.ts';
import { readEvent } from './event.ts';
import { persistently } from './patience.ts';
import { portsOf } from './ports.ts';
import { seldom, setOutputs, writeSummary } from './report.ts';
import type { Step } from './step.ts';

/**
 * Does what the bot does with a comment, and follows its jobs as long as they do not wait for somebody or something.
 * @returns the step's exit code
 */
export const answerComment = async (step: Step): Promise<number> => {
  const { runner, stop } = step;
  const here = { repository: runner.repository, number: 0, kind: 'issue' } as const;
  const payload = await readEvent(runner);
  const told = await readComment(payload, {
    app: null,
    host: runner.host,
    wrote: () => Promise.resolve(false),
  });
  if (typeof told === 'string') return 0;
  const ports = await portsOf(step, told.thread ?? here);
  const patience = { stop: stop.signal, tell: warning };
  const turn = await persistently(() => converse(told, ports, 'action'), patience);
  if (!turn) return 0;
  await persistently(() => reply(told, turn, ports), patience);
  await tellTexts(turn);
  const jobs = await jobsOf(turn, told, ports);
  const codes = await Promise.all(jobs.map((job) => followOne(job, told, { step, ports })));
  return Math.max(0, ...codes);
};

const tellTexts = async ({ sections }: Turn): Promise<void> => {
  for (const section of sections) {
    if (section.kind === 'job') continue;
    if (section.kind === 'refusal') setOutputs({ state: 'refused', reason: 'refused' });
    await writeSummary(section.markdown);
  }
};

/** The jobs of the comment. Of one that says what to do with others (approve, unlock), those of the thread, which may go on now. */
const jobsOf = async (
  turn: Turn,
  { thread }: IncomingComment,
  { jobs }: ConversationPorts,
): Promise<Job[]> => {
  const own = turn.sections.flatMap((section) => (section.kind === 'job' ? [section.job] : []));
  if (!turn.sections.some(({ kind }) => kind === 'answer')) return own;
  const { jobs: alive } = await jobs.page({
    thread: `${thread.repository.id}/${thread.number}`,
    states: ['queued', 'waiting', 'running'],
  });
  const ids = new Set(own.map(({ id }) => id));
  return [...own, ...alive.filter(({ id, origin }) => !ids.has(id) && origin.comment !== undefined)];
};

const followOne = (
  { id, origin }: Job,
  told: IncomingComment,
  { step, ports }: { step: Step; ports: ConversationPorts },
): Promise<number> => {
  info(`${id} is followed`);
  const comment = origin.comment ? { ...told.comment, ...origin.comment } : told.comment;
  const put = async (job: Job): Promise<void> => {
    await bringUpToDate({ ...told, comment }, [job], ports);
  };
  return followToEnd(id, { step, jobs: ports.jobs, reply: seldom(put, performance.now()) });
};
