import { dispatch } from './dispatch.ts';
import { recordOutcome } from './audit.ts';
import {
  toCanonicalText,
  parseCommands,
  parseComment,
  type Command,
  type CommandItem,
  type Grammar,
} from './command/index.ts';
import type { Author, IncomingComment, RunStep } from './incoming-comment.ts';
import { isJobOfCommand, deriveJobId, formatShortCommand } from './job/index.ts';
import type { StepClaims } from './lease/step-claim.ts';
import { refuseParseErrors } from './mistaken.ts';
import * as say from './reply/answers/index.ts';
import { toScope } from './scope.ts';
import { refuse, type CommandPorts, type CommandOutcome, type CommandContext } from './command-context.ts';
import { loadCommandContext } from './visiting.ts';

/** Who asks where nobody does: a workflow on a schedule. The policy has to name it among `bots`. */
const scheduleAuthor: Author = { id: 0, login: 'schedule', kind: 'bot' };

/** A job that a step of a workflow asks for. */
export type WorkflowRequest = {
  /** `github.com`, or the host of a GitHub Enterprise Server. */
  host: string;
  /** `name`: `owner/name`. */
  repository: { id: number; name: string };
  step: RunStep;
  /** An id that no other step of the run has; null if the runner does not provide one. */
  execution: string | null;
  /** Who caused this attempt of the run, or that nobody did. */
  actor: Omit<Author, 'kind'> | 'schedule';
  /** One command as a comment would hold it, which the workflow's author wrote. */
  command: string;
  /** Values that come from elsewhere: each is one value, whatever stands in it. */
  parameters: Readonly<Record<string, string>>;
  /** The thread on which it is to be told; null: on none. */
  replyTo: number | null;
};

/** The ports of a workflow's request, in addition to those of a comment. */
export type WorkflowPorts = CommandPorts & { steps: StepClaims };

/**
 * Starts the job that a workflow asks for, under the policy of now, once for each attempt: a later attempt goes on with a job
 * that runs or has completed, and starts anew after one that ended otherwise.
 * @throws the fault of a call
 */
export const handleWorkflowRequest = async (
  request: WorkflowRequest,
  ports: WorkflowPorts,
): Promise<CommandOutcome> => {
  const visit = await loadCommandContext(toIncomingComment(request), ports);
  // A workflow's author cannot mean another bot: the prefix may be left out.
  const grammar = { ...visit.grammar, required: false };
  const [item, more] = await parseWorkflowCommand(request.command, grammar, ports);
  const outcome =
    item && !more
      ? await runCommand(item, request, visit, ports.steps)
      : refuseNotOneCommand(request.command, visit);
  if (item) recordOutcome(visit, [{ item, index: 0 }], outcome);
  return outcome;
};

/** Only a text with several lines can hide a line. */
const parseWorkflowCommand = async (
  text: string,
  grammar: Grammar,
  { secondReader }: CommandPorts,
): Promise<CommandItem[]> =>
  /[\r\n]/.test(text.trim()) ? parseComment(text, grammar, secondReader) : parseCommands(text, grammar);

const runCommand = async (
  item: CommandItem,
  request: WorkflowRequest,
  visit: CommandContext,
  steps: StepClaims,
): Promise<CommandOutcome> => {
  if (item.kind === 'invalid') return dispatch({ item, index: 0 }, visit);
  const { command } = item;
  if (command.name !== 'run' && command.name !== 'compute')
    return refuseParseErrors(`/${command.name}`, [buildNotStartingError(command)], visit);
  const twice = Object.keys(request.parameters).find((name) => Object.hasOwn(command.parameters, name));
  if (twice !== undefined) return refuseParseErrors(`/${command.name}`, [buildGivenTwiceError(twice)], visit);
  const whole = withParameters(command, request.parameters);
  if (!(await claimStep(whole, request, visit, steps)))
    return refuse(say.renderDuplicateStep(formatShortCommand(whole)), 'called-twice');
  return dispatch({ item: { ...item, command: whole }, index: 0 }, await findEarlierAttempt(whole, visit));
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
  const idAt = (attempt: number) =>
    deriveJobId(command, { ...comment, event: { kind: 'run', step: { ...step, attempt } } });
  const later = Array.from({ length: maxLaterAttempts }, (_, n) => idAt(step.attempt + 1 + n));
  return steps.claim(toScope(comment), [idAt(step.attempt), ...later], execution);
};

/** The places of what was written tell nothing of values that came from elsewhere. */
const withParameters = (
  { argumentPositions: _positions, ...command }: Command,
  parameters: Readonly<Record<string, string>>,
): Command => {
  const whole = { ...command, parameters: { ...command.parameters, ...parameters } };
  return { ...whole, canonical: toCanonicalText(whole) };
};

/** The visit of the attempt whose job this one goes on with, or its own. */
const findEarlierAttempt = async (command: Command, visit: CommandContext): Promise<CommandContext> => {
  const { comment, ports } = visit;
  if (comment.event.kind !== 'run') return visit;
  const { step } = comment.event;
  for (let attempt = step.attempt; attempt > 0; attempt -= 1) {
    const event = { kind: 'run', step: { ...step, attempt } } as const;
    const earlier = { ...comment, event };
    const found = await ports.jobs.get(deriveJobId(command, earlier), toScope(comment));
    const job = found && isJobOfCommand(found, command, earlier) ? found : undefined;
    const goesOn = job && (job.endedAt === null || job.state === 'completed' || attempt === step.attempt);
    if (goesOn) return { ...visit, comment: earlier };
    if (job) break;
  }
  return visit;
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

const buildGivenTwiceError = (name: string) => ({
  ...unpositioned,
  message: `The parameter "${name}" is given twice`,
  expected: 'it in the command, or in the parameters',
  received: null,
});

const refuseNotOneCommand = (command: string, visit: CommandContext): CommandOutcome => {
  const wrong = {
    ...unpositioned,
    message: 'One command is needed',
    expected: 'one line that begins with a slash',
    received: command.trim(),
  };
  return refuseParseErrors('command', [wrong], visit);
};
