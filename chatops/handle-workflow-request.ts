import { loadCommandContext, type CommandContext, type CommandPorts } from './command-context.ts';
import { refuse, type CommandOutcome, type Refusal } from './command-outcome.ts';
import {
  parseCommands,
  parseComment,
  toCanonicalText,
  type Command,
  type CommandItem,
  type Grammar,
} from './command/index.ts';
import { recordOutcome } from './comment-result.ts';
import { dispatch, refuseParseErrors } from './dispatch.ts';
import { type Author, type IncomingComment, type RunStep, toScope } from './incoming-comment.ts';
import { deriveJobId, formatShortCommand, isJobOfCommand } from './job/index.ts';
import type { StepClaims } from './lease/step-claim.ts';
import * as answers from './reply/answers/index.ts';

/** The author of requests by a workflow on a schedule, which have no actor. The policy has to list it among `bots`. */
const scheduleAuthor: Author = { id: 0, login: 'schedule', kind: 'bot' };

/** A request of a workflow step for a job. */
export type WorkflowRequest = {
  /** `github.com`, or the host of a GitHub Enterprise Server. */
  host: string;
  /** `name`: `owner/name`. */
  repository: { id: number; name: string };
  step: RunStep;
  /** An id that no other step of the run has; null if the runner does not provide one. */
  execution: string | null;
  /** The user who triggered this attempt of the run; `schedule` if no user did. */
  actor: Omit<Author, 'kind'> | 'schedule';
  /** One command, as in a comment. The workflow's author wrote it. */
  command: string;
  /** Untrusted values. Each is a single value, whatever characters it contains. */
  parameters: Readonly<Record<string, string>>;
  /** The number of the thread that gets the reply; null for none. */
  replyTo: number | null;
};

/** The ports of a comment and of a workflow's request. */
export type WorkflowPorts = CommandPorts & { steps: StepClaims };

/**
 * Starts the job that a workflow requests, under the current policy. Idempotent for each attempt of the run: a later attempt continues
 * with a job that runs or has completed, and starts another job after one that ended otherwise.
 * @throws the error of a call
 */
export const handleWorkflowRequest = async (
  request: WorkflowRequest,
  ports: WorkflowPorts,
): Promise<CommandOutcome> => {
  const context = await loadCommandContext(toIncomingComment(request), ports);
  // A workflow's author cannot mean another bot: the prefix is optional.
  const grammar = { ...context.grammar, required: false };
  const [item, more] = await parseRequest(request.command, grammar, ports);
  const outcome =
    item && !more
      ? await startRequested(item, request, context, ports.steps)
      : refuseNotOneCommand(request.command, context);
  if (item) recordOutcome(context, [{ item, index: 0 }], outcome);
  return outcome;
};

/** Returns the commands of a text. Only a text with several lines can hide a line, so only that needs the second reader. */
const parseRequest = async (
  text: string,
  grammar: Grammar,
  { secondReader }: CommandPorts,
): Promise<CommandItem[]> =>
  /[\r\n]/.test(text.trim()) ? parseComment(text, grammar, secondReader) : parseCommands(text, grammar);

const startRequested = async (
  item: CommandItem,
  request: WorkflowRequest,
  context: CommandContext,
  steps: StepClaims,
): Promise<CommandOutcome> => {
  if (item.kind === 'invalid') return dispatch({ item, index: 0 }, context);
  const { command } = item;
  if (command.name !== 'run' && command.name !== 'compute')
    return refuseParseErrors(`/${command.name}`, [buildNotStartingError(command)], context);
  const duplicate = Object.keys(request.parameters).find((name) => Object.hasOwn(command.parameters, name));
  if (duplicate !== undefined)
    return refuseParseErrors(`/${command.name}`, [buildDuplicateError(duplicate)], context);
  const whole = withParameters(command, request.parameters);
  if (!(await claimStep(whole, request, context, steps)))
    return refuse(answers.renderDuplicateStep(formatShortCommand(whole)), 'called-twice');
  return dispatch({ item: { ...item, command: whole }, index: 0 }, await toAttempt(whole, context));
};

/** The number of later attempts for which a job that two steps requested stays blocked. */
const maxLaterAttempts = 10;

/** Returns false if another step of the run requested the same job, as when a reusable workflow is called twice. */
const claimStep = async (
  command: Command,
  { step, execution }: WorkflowRequest,
  { comment }: CommandContext,
  steps: StepClaims,
): Promise<boolean> => {
  if (execution === null) return true;
  const getIdAt = (attempt: number) =>
    deriveJobId(command, { ...comment, event: { kind: 'run', step: { ...step, attempt } } });
  const later = Array.from({ length: maxLaterAttempts }, (_, n) => getIdAt(step.attempt + 1 + n));
  return steps.claim(toScope(comment), [getIdAt(step.attempt), ...later], execution);
};

/** Returns a command with the values of other inputs, without positions and the written form: those values have none. */
const withParameters = (
  { argumentPositions: _positions, written: _written, ...command }: Command,
  parameters: Readonly<Record<string, string>>,
): Command => {
  const whole = { ...command, parameters: { ...command.parameters, ...parameters } };
  return { ...whole, canonical: toCanonicalText(whole), separate: Object.keys(parameters) };
};

/** Returns the context of the attempt whose job this attempt continues with; by default its own. */
const toAttempt = async (command: Command, context: CommandContext): Promise<CommandContext> => {
  const { comment, ports } = context;
  if (comment.event.kind !== 'run') return context;
  const { step } = comment.event;
  for (let attempt = step.attempt; attempt > 0; attempt -= 1) {
    const event = { kind: 'run', step: { ...step, attempt } } as const;
    const earlier = { ...comment, event };
    const found = await ports.jobs.get(deriveJobId(command, earlier), toScope(comment));
    const job = found && isJobOfCommand(found, command, earlier) ? found : undefined;
    const continues = job && (job.endedAt === null || job.state === 'completed' || attempt === step.attempt);
    if (continues) return { ...context, comment: earlier };
    if (job) break;
  }
  return context;
};

const toIncomingComment = ({ host, repository, step, actor, replyTo }: WorkflowRequest): IncomingComment => ({
  host,
  thread: { repository, number: replyTo ?? 0, kind: 'issue' },
  threadState: { labels: [], comments: 0 },
  comment: { id: 0, createdAt: new Date().toISOString(), body: '' },
  author:
    actor === 'schedule'
      ? scheduleAuthor
      : { ...actor, kind: actor.login.endsWith('[bot]') ? 'bot' : 'person' },
  event: { kind: 'run', step },
  installation: null,
});

const unpositioned = { position: null, suggestion: null } as const;

const buildNotStartingError = ({ name }: Command) => ({
  ...unpositioned,
  message: 'This command starts no job',
  expected: 'run or compute',
  received: `/${name}`,
});

const buildDuplicateError = (name: string) => ({
  ...unpositioned,
  message: `The parameter "${name}" is set twice`,
  expected: 'it either in the command or in the parameters',
  received: null,
});

const refuseNotOneCommand = (command: string, context: CommandContext): Refusal => {
  const error = {
    ...unpositioned,
    message: 'One command is needed',
    expected: 'one line that begins with a slash',
    received: command.trim(),
  };
  return refuseParseErrors('command', [error], context);
};
