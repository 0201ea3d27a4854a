import {
  collectErrors,
  commandSpecs,
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
import { refuseIfDenied, requireRunPermission } from './handlers/require-permission.ts';
import { releaseLock, showLocks, takeLock } from './handlers/locks.ts';
import { showHelp, showTasks } from './handlers/help.ts';
import { retry } from './handlers/retry.ts';
import { startJob } from './handlers/start-job.ts';
import { formatShortCommand } from './job/index.ts';
import { refuseParseErrors } from './mistaken.ts';
import * as say from './reply/answers/index.ts';
import { evaluateForAuthor, mayDoSomething } from './authorization.ts';
import { refuse, type CommandOutcome, type SelectedCommand, type CommandContext } from './command-context.ts';

/** Carries out one command of a comment, if its author may give it; what is said to it. */
export const dispatch = async (
  { item, index }: SelectedCommand,
  visit: CommandContext,
): Promise<CommandOutcome> => {
  const command = item.kind === 'command' ? item.command : item.draft;
  const stopped = (command && (await checkPreconditions(command, visit))) ?? undefined;
  if (stopped) return stopped;
  const catalogue = command && needsCatalogue(command) ? await visit.catalogue() : [];
  if (item.kind === 'invalid') return refuseUnreadable(item, catalogue, visit);
  const reading = interpret(item.command, catalogue);
  if ('errors' in reading) return refuseParseErrors(formatShortCommand(item.command), reading.errors, visit);
  return runHandler({ command: item.command, key: item.key, index }, reading.intent, visit);
};

/** Mistakes are told to whom the command is for; anybody else gets the one explanation. */
const refuseUnreadable = async (
  item: Extract<CommandItem, { kind: 'invalid' }>,
  catalogue: Awaited<ReturnType<CommandContext['catalogue']>>,
  visit: CommandContext,
): Promise<CommandOutcome> => {
  if (visit.broken) return refuse(say.renderInvalidPolicy(item.heading, visit.broken), 'policy-broken');
  if (!(await mayDoSomething(visit))) {
    const { allow } = visit.policy.otherTasks;
    const denied = refuseIfDenied(item.heading, await evaluateForAuthor(allow, visit), visit, ['tasks', '*']);
    if (denied) return denied;
  }
  return refuseParseErrors(item.heading, collectErrors(item, catalogue), visit);
};

/** What keeps a command from being looked at any closer: a broken policy, no right to it, a broken definition. */
const checkPreconditions = async (
  command: Command,
  visit: CommandContext,
): Promise<CommandOutcome | undefined> => {
  const { name, positionals } = command;
  if (visit.broken && !commandSpecs[name].allowedUnderBrokenPolicy)
    return refuse(say.renderInvalidPolicy(formatShortCommand(command), visit.broken), 'policy-broken');
  if (name === 'compute')
    return requireRunPermission(formatShortCommand(command), { kind: 'compute' }, visit);
  const [taskName] = positionals;
  if (name !== 'run' || taskName === undefined) return undefined;
  const denied = await requireRunPermission(formatShortCommand(command), { kind: 'run', taskName }, visit);
  if (denied) return denied;
  const fault = await visit.definitionFault(taskName);
  return fault === undefined
    ? undefined
    : refuse(say.renderInvalidTask(formatShortCommand(command), fault), 'definition-invalid', {
        allowed: true,
      });
};

type CommandPlace = { command: Command; key: string; index: number };

const runHandler = (place: CommandPlace, intent: Intent, visit: CommandContext): Promise<CommandOutcome> => {
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
      return explainCommand(intent.command, place, visit);
    default:
      return startJob({ ...place, intent }, visit);
  }
};

const explainCommand = async (
  inner: Command,
  place: CommandPlace,
  visit: CommandContext,
): Promise<CommandOutcome> => {
  const catalogue = needsCatalogue(inner) ? await visit.catalogue() : [];
  const reading = interpret(inner, catalogue);
  if ('errors' in reading) return refuseParseErrors(formatShortCommand(place.command), reading.errors, visit);
  return explain(inner, reading.intent, place, visit);
};
