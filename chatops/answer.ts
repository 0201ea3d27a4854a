import type { Jobs, TaskDefinition } from '../compute/client/index.ts';
import { help, interpret, needsCatalogue, taskTable, type CommandItem } from './command/index.ts';
import type { IncomingComment, Level, PostedReply } from './github/port.ts';
import { cancelJob, jobRequest, queuedJob, shortForm, type Order } from './job/index.ts';
import { decide } from './policy/index.ts';
import * as say from './reply/answers.ts';
import { earlierAnswer, type Section } from './reply/index.ts';

/** A comment that is being answered, with what its commands need to know, each asked for once at most. */
export type Visit = {
  comment: IncomingComment;
  jobs: Jobs;
  level(): Promise<Level>;
  catalogue(): Promise<readonly TaskDefinition[]>;
  existingReply(): Promise<PostedReply | undefined>;
};

/** Carries out one command of a comment, the `index`-th, if its author may give it; what the reply says to it. */
export const answer = async (item: CommandItem, index: number, visit: Visit): Promise<Section> => {
  const refusal = (markdown: string): Section => ({ kind: 'refusal', index, markdown });
  if (item.kind === 'mistakes') return refusal(say.mistakes(item.heading, item.mistakes));
  const { command } = item;
  const decision = decide(command.name, await visit.level());
  if (!decision.allowed) {
    return refusal(say.notAllowed(shortForm(command), visit.comment.author.login, decision));
  }
  const catalogue = needsCatalogue(command) ? await visit.catalogue() : [];
  const reading = interpret(command, catalogue);
  if ('mistakes' in reading) return refusal(say.mistakes(shortForm(command), reading.mistakes));
  const { intent } = reading;
  if (intent.kind === 'help') return { kind: 'answer', index, markdown: help(intent.about, catalogue) };
  if (intent.kind === 'tasks') return { kind: 'answer', index, markdown: taskTable(catalogue) };
  if (intent.kind === 'cancel') return cancel(intent.job, index, visit);
  return start({ command, intent, index }, catalogue, visit);
};

const start = async (
  order: Order,
  catalogue: readonly TaskDefinition[],
  { comment, jobs }: Visit,
): Promise<Section> => {
  const { index } = order;
  const request = jobRequest(order, comment, catalogue);
  const answer = await jobs.start(request);
  if ('problem' in answer) {
    return { kind: 'refusal', index, markdown: say.notStarted(request.origin.command, answer) };
  }
  return { kind: 'job', index, job: queuedJob(request) };
};

/** A `/cancel` that was answered is not carried out again. */
const cancel = async (id: string | undefined, index: number, visit: Visit): Promise<Section> => {
  const existing = await visit.existingReply();
  const earlier = existing && earlierAnswer(existing.body, index);
  if (earlier) return earlier;
  const done = await cancelJob(visit.comment, id, visit.jobs);
  return { kind: done.outcome === 'stopping' ? 'answer' : 'refusal', index, markdown: say.canceled(done) };
};
