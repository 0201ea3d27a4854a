import type { Jobs, TaskDefinition } from '../compute/client/index.ts';
import {
  allMistakes,
  help,
  interpret,
  needsCatalogue,
  taskTable,
  type Command,
  type CommandItem,
  type Intent,
} from './command/index.ts';
import type { IncomingComment, Level, PostedReply } from './github/port.ts';
import { cancelJob, jobRequest, queuedJob, shortForm, type StartOrder } from './job/index.ts';
import { decide, type Decision } from './policy/index.ts';
import * as say from './reply/answers.ts';
import { earlierAnswer, type Section } from './reply/index.ts';

/** A comment that is being answered, with what its commands need to know, each asked for once at most. */
export type Visit = {
  comment: IncomingComment;
  jobs: Jobs;
  level(): Promise<Level>;
  catalogue(): Promise<readonly TaskDefinition[]>;
  /** What is wrong with a task's definition; undefined if there is none, or nothing is wrong with it. */
  definitionFault(task: string): Promise<string | undefined>;
  existingReply(): Promise<PostedReply | undefined>;
};

/** What a command asks for. `index`: its place in the comment. */
type Order = { command: Command; intent: Intent; index: number };

/** Carries out one command of a comment, the `index`-th, if its author may give it; what the reply says to it. */
export const answer = async (item: CommandItem, index: number, visit: Visit): Promise<Section> => {
  const refusal = (markdown: string): Section => ({ kind: 'refusal', index, markdown });
  const command = item.kind === 'command' ? item.command : item.draft;
  const denied = command && (await denial(command, visit));
  if (denied) return refusal(say.notAllowed(shortForm(command), visit.comment.author.login, denied));
  const fault = command && (await definitionFault(command, visit));
  if (fault) return refusal(say.unreadable(shortForm(command), fault));
  const catalogue = command && needsCatalogue(command) ? await visit.catalogue() : [];
  if (item.kind === 'mistakes') return refusal(say.mistakes(item.heading, allMistakes(item, catalogue)));
  const reading = interpret(item.command, catalogue);
  if ('mistakes' in reading) return refusal(say.mistakes(shortForm(item.command), reading.mistakes));
  return carryOut({ command: item.command, intent: reading.intent, index }, catalogue, visit);
};

/** What is wrong with the definition of the task that a command runs, if that is what keeps it from running. */
const definitionFault = async (
  { name, positionals: [task] }: Command,
  visit: Visit,
): Promise<string | undefined> =>
  name === 'run' && task !== undefined ? visit.definitionFault(task) : undefined;

/** The decision, if the author may not give the command. */
const denial = async (command: Command, visit: Visit): Promise<Decision | undefined> => {
  const decision = decide(command.name, await visit.level());
  return decision.allowed ? undefined : decision;
};

const carryOut = (
  order: Order,
  catalogue: readonly TaskDefinition[],
  visit: Visit,
): Section | Promise<Section> => {
  const { command, intent, index } = order;
  switch (intent.kind) {
    case 'help':
      return { kind: 'answer', index, markdown: help(intent.about, catalogue) };
    case 'tasks':
      return { kind: 'answer', index, markdown: taskTable(catalogue) };
    case 'cancel':
      return cancel(intent.job, index, visit);
    default:
      return start({ command, intent, index }, catalogue, visit);
  }
};

const start = async (
  order: StartOrder,
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
