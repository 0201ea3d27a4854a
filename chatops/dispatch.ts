import { evaluateForAuthor, mayDoSomething } from './authorization.ts';
import type { CatalogueTask, CommandContext, SelectedCommand } from './command-context.ts';
import { refuse, type CommandOutcome, type Refusal } from './command-outcome.ts';
import {
  collectErrors,
  commandSpecs,
  correctCommand,
  interpret,
  needsCatalogue,
  type Command,
  type CommandItem,
  type CommandName,
  type CorrectedCommand,
  type Intent,
} from './command/index.ts';
import { approve } from './handlers/approve.ts';
import { cancel } from './handlers/cancel.ts';
import { compute } from './handlers/compute.ts';
import { explain } from './handlers/explain.ts';
import type { Handler, Invocation } from './handlers/handler.ts';
import { help } from './handlers/help.ts';
import { lock } from './handlers/lock.ts';
import { locks } from './handlers/locks.ts';
import { logs } from './handlers/logs.ts';
import { reject } from './handlers/reject.ts';
import { refuseIfDenied, requireRunPermission } from './handlers/require-permission.ts';
import { retry } from './handlers/retry.ts';
import { run } from './handlers/run.ts';
import { status } from './handlers/status.ts';
import { tasks } from './handlers/tasks.ts';
import { unlock } from './handlers/unlock.ts';
import { formatShortCommand } from './job/index.ts';
import * as answers from './reply/answers/index.ts';
import { fail, succeed, type Result } from './result.ts';

/** The handler of each command. */
const handlers: { [Name in CommandName]: Handler<Name> } = {
  approve,
  cancel,
  compute,
  explain: (invocation, context) => explainCommand(invocation, context),
  help,
  lock,
  locks,
  logs,
  reject,
  retry,
  run,
  status,
  tasks,
  unlock,
};

/** Executes one command of a comment if its author may use it, and returns the outcome. */
export const dispatch = async (
  { item, index }: SelectedCommand,
  context: CommandContext,
): Promise<CommandOutcome> => {
  const command = item.kind === 'command' ? item.command : item.draft;
  const refusal = command && (await checkPreconditions(command, context));
  if (refusal) return refusal;
  if (item.kind === 'invalid') return refuseUnreadable(item, context);
  const interpreted = await interpretCommand(item.command, item.command, context);
  if (!interpreted.ok) return interpreted.refusal;
  const intent = interpreted.value;
  return invoke(intent.kind, { command: item.command, key: item.key, index, intent }, context);
};

const invoke = <Name extends CommandName>(
  name: Name,
  invocation: Invocation<Name>,
  context: CommandContext,
): Promise<CommandOutcome> => handlers[name](invocation, context);

/** Refuses a command before its arguments are read: the policy or the task's definition is invalid, or permission is missing. */
const checkPreconditions = async (
  command: Command,
  context: CommandContext,
): Promise<Refusal | undefined> => {
  const { name, positionals } = command;
  const shown = formatShortCommand(command);
  if (context.policyProblems && !commandSpecs[name].allowedUnderBrokenPolicy)
    return refuse(answers.renderInvalidPolicy(shown, context.policyProblems), 'policy-broken');
  if (name === 'compute') return requireRunPermission(shown, { kind: 'compute' }, context);
  const [taskName] = positionals;
  if (name !== 'run' || taskName === undefined) return undefined;
  const denied = await requireRunPermission(shown, { kind: 'run', taskName }, context);
  if (denied) return denied;
  const problem = await context.definitionProblem(taskName);
  return problem === undefined
    ? undefined
    : refuse(answers.renderInvalidTask(shown, problem), 'definition-invalid', { allowed: true });
};

/** Refuses a command that could not be parsed. The errors are shown only to people who may use commands. */
const refuseUnreadable = async (
  item: Extract<CommandItem, { kind: 'invalid' }>,
  context: CommandContext,
): Promise<Refusal> => {
  const { policyProblems, policy } = context;
  const catalogue = item.draft ? await loadCatalogue(item.draft, context) : [];
  if (policyProblems)
    return refuse(answers.renderInvalidPolicy(item.heading, policyProblems), 'policy-broken');
  if (!(await mayDoSomething(context))) {
    const decision = await evaluateForAuthor(policy.otherTasks.allow, context);
    const denied = refuseIfDenied(item.heading, decision, ['tasks', '*'], context);
    if (denied) return denied;
  }
  const corrected = item.draft && correctCommand(item.draft, catalogue, context.grammar);
  return refuseParseErrors(item.heading, collectErrors(item, catalogue), context, corrected);
};

/** Returns the meaning of a command. Errors are shown under the command that was written, which may contain it. */
const interpretCommand = async (
  command: Command,
  written: Command,
  context: CommandContext,
): Promise<Result<Intent, Refusal>> => {
  const catalogue = await loadCatalogue(command, context);
  const reading = interpret(command, catalogue);
  if ('intent' in reading) return succeed(reading.intent);
  const corrected = correctCommand(command, catalogue, context.grammar);
  return fail(refuseParseErrors(formatShortCommand(written), reading.errors, context, corrected));
};

const loadCatalogue = async (command: Command, context: CommandContext): Promise<readonly CatalogueTask[]> =>
  needsCatalogue(command) ? context.catalogue() : [];

const explainCommand = async (
  { command, key, index, intent }: Invocation<'explain'>,
  context: CommandContext,
): Promise<CommandOutcome> => {
  const inner = await interpretCommand(intent.command, command, context);
  if (!inner.ok) return inner.refusal;
  return explain({ command: intent.command, key, index, intent: inner.value }, context);
};

type ReportedError = Parameters<typeof answers.renderParseErrors>[1][number];

/**
 * Refuses a command with errors. Their positions are shown only if the comment has several lines.
 * @param corrected the command to copy instead
 */
export const refuseParseErrors = (
  heading: string,
  errors: readonly ReportedError[],
  { comment }: CommandContext,
  corrected?: CorrectedCommand,
): Refusal => {
  const isOneLine = comment.event.kind === 'run' || !comment.comment.body.trim().includes('\n');
  const shown = isOneLine ? errors.map((error) => ({ ...error, position: null })) : errors;
  return refuse(answers.renderParseErrors(heading, shown, corrected), 'mistaken', { allowed: true });
};
