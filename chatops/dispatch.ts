import {
  allMistakes,
  interpret,
  needsCatalogue,
  type Command,
  type CommandItem,
  type Intent,
} from './command/index.ts';
import { showLogs, showStatus } from './handlers/status.ts';
import { approve, reject } from './handlers/approve.ts';
import { cancel } from './handlers/cancel.ts';
import { explain } from './handlers/explain.ts';
import { denial, mustRun } from './handlers/require-permission.ts';
import { releaseLock, showLocks, takeLock } from './handlers/locks.ts';
import { showHelp, showTasks } from './handlers/help.ts';
import { retry } from './handlers/retry.ts';
import { start } from './handlers/start-job.ts';
import { shortForm } from './job/index.ts';
import { mistaken } from './mistaken.ts';
import * as say from './reply/answers/index.ts';
import { isMeant, maySomething } from './authorization.ts';
import { refused, type Outcome, type Turned, type Visit } from './command-context.ts';

/** Carries out one command of a comment, if its author may give it; what is said to it. */
export const answer = async ({ item, index }: Turned, visit: Visit): Promise<Outcome> => {
  const command = item.kind === 'command' ? item.command : item.draft;
  const stopped = (command && (await beforeReading(command, visit))) ?? undefined;
  if (stopped) return stopped;
  const catalogue = command && needsCatalogue(command) ? await visit.catalogue() : [];
  if (item.kind === 'mistakes') return unread(item, catalogue, visit);
  const reading = interpret(item.command, catalogue);
  if ('mistakes' in reading) return mistaken(shortForm(item.command), reading.mistakes, visit);
  return carryOut({ command: item.command, key: item.key, index }, reading.intent, visit);
};

/** Mistakes are told to whom the command is for; anybody else gets the one explanation. */
const unread = async (
  item: Extract<CommandItem, { kind: 'mistakes' }>,
  catalogue: Awaited<ReturnType<Visit['catalogue']>>,
  visit: Visit,
): Promise<Outcome> => {
  if (visit.broken) return refused(say.policyBroken(item.heading, visit.broken), 'policy-broken');
  if (!(await maySomething(visit))) {
    const { allow } = visit.policy.otherTasks;
    const denied = denial(item.heading, await isMeant(allow, visit), visit, ['tasks', '*']);
    if (denied) return denied;
  }
  return mistaken(item.heading, allMistakes(item, catalogue), visit);
};

/** What keeps a command from being looked at any closer: a broken policy, no right to it, a broken definition. */
const beforeReading = async (command: Command, visit: Visit): Promise<Outcome | undefined> => {
  const { name, positionals } = command;
  if (visit.broken && !harmless.has(name))
    return refused(say.policyBroken(shortForm(command), visit.broken), 'policy-broken');
  if (name === 'compute') return mustRun(shortForm(command), { kind: 'compute' }, visit);
  const [taskName] = positionals;
  if (name !== 'run' || taskName === undefined) return undefined;
  const denied = await mustRun(shortForm(command), { kind: 'run', taskName }, visit);
  if (denied) return denied;
  const fault = await visit.definitionFault(taskName);
  return fault === undefined
    ? undefined
    : refused(say.unreadable(shortForm(command), fault), 'definition-invalid', { allowed: true });
};

/** Commands that a broken policy does not keep from anybody: they change nothing, or the job is the author's own. */
const harmless: ReadonlySet<string> = new Set(['help', 'tasks', 'locks', 'cancel']);

type Place = { command: Command; key: string; index: number };

const carryOut = (place: Place, intent: Intent, visit: Visit): Promise<Outcome> => {
  switch (intent.kind) {
    case 'help':
      return showHelp(intent, visit);
    case 'tasks':
      return showTasks(visit);
    case 'status':
      return showStatus(intent.job, visit);
    case 'logs':
      return showLogs(intent.job, visit);
    case 'cancel':
      return cancel(intent.job, visit);
    case 'retry':
      return retry({ ...place, job: intent.job }, visit);
    case 'approve':
      return approve(intent, visit);
    case 'reject':
      return reject(intent, visit);
    case 'locks':
      return showLocks(visit);
    case 'lock':
      return takeLock(intent, visit);
    case 'unlock':
      return releaseLock(intent, visit);
    case 'explain':
      return explained(intent.command, place, visit);
    default:
      return start({ ...place, intent }, visit);
  }
};

const explained = async (inner: Command, place: Place, visit: Visit): Promise<Outcome> => {
  const catalogue = needsCatalogue(inner) ? await visit.catalogue() : [];
  const reading = interpret(inner, catalogue);
  if ('mistakes' in reading) return mistaken(shortForm(place.command), reading.mistakes, visit);
  return explain(inner, reading.intent, place, visit);
};
