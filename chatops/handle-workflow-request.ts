import { answer } from './dispatch.ts';
import { keep } from './audit.ts';
import {
  canonicalOf,
  readCommands,
  readCommentCommands,
  type Command,
  type CommandItem,
  type Grammar,
} from './command/index.ts';
import type { Author, IncomingComment, RunStep } from './github/ports.ts';
import { isJobOf, jobIdOf, shortForm } from './job/index.ts';
import type { StepClaims } from './lease/step-claim.ts';
import { mistaken } from './mistaken.ts';
import * as say from './reply/answers/index.ts';
import { scopeOf } from './scope.ts';
import { refused, type ConversationPorts, type Outcome, type Visit } from './command-context.ts';
import { visitOf } from './visiting.ts';

/** Who asks where nobody does: a workflow on a schedule. The policy has to name it among `bots`. */
const schedule: Author = { id: 0, login: 'schedule', kind: 'bot' };

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
export type WorkflowPorts = ConversationPorts & { steps: StepClaims };

/**
 * Starts the job that a workflow asks for, under the policy of now, once for each attempt: a later attempt goes on with a job
 * that runs or has completed, and starts anew after one that ended otherwise.
 * @throws the fault of a call
 */
export const askFor = async (request: WorkflowRequest, ports: WorkflowPorts): Promise<Outcome> => {
  const visit = await visitOf(askingOf(request), ports);
  // A workflow's author cannot mean another bot: the prefix may be left out.
  const grammar = { ...visit.grammar, required: false };
  const [item, more] = await commandsOf(request.command, grammar, ports);
  const outcome =
    item && !more ? await outcomeOf(item, request, visit, ports.steps) : notOne(request.command, visit);
  if (item) keep(visit, [{ item, index: 0 }], outcome);
  return outcome;
};

/** Only a text with several lines can hide a line. */
const commandsOf = async (
  text: string,
  grammar: Grammar,
  { secondReader }: ConversationPorts,
): Promise<CommandItem[]> =>
  /[\r\n]/.test(text.trim()) ? readCommentCommands(text, grammar, secondReader) : readCommands(text, grammar);

const outcomeOf = async (
  item: CommandItem,
  request: WorkflowRequest,
  visit: Visit,
  steps: StepClaims,
): Promise<Outcome> => {
  if (item.kind === 'mistakes') return answer({ item, index: 0 }, visit);
  const { command } = item;
  if (command.name !== 'run' && command.name !== 'compute')
    return mistaken(`/${command.name}`, [notStarting(command)], visit);
  const twice = Object.keys(request.parameters).find((name) => Object.hasOwn(command.parameters, name));
  if (twice !== undefined) return mistaken(`/${command.name}`, [givenTwice(twice)], visit);
  const whole = withParameters(command, request.parameters);
  if (!(await isOnlyCall(whole, request, visit, steps)))
    return refused(say.calledTwice(shortForm(whole)), 'called-twice');
  return answer({ item: { ...item, command: whole }, index: 0 }, await atAttempt(whole, visit));
};

/** The number of later attempts for which a job that two steps requested stays blocked. */
const maxLaterAttempts = 10;

/** Returns false if another step of the run requested the same job, as when a reusable workflow is called twice. */
const isOnlyCall = async (
  command: Command,
  { step, execution }: WorkflowRequest,
  { comment }: Visit,
  steps: StepClaims,
): Promise<boolean> => {
  if (execution === null) return true;
  const idAt = (attempt: number) =>
    jobIdOf(command, { ...comment, event: { kind: 'run', step: { ...step, attempt } } });
  const later = Array.from({ length: maxLaterAttempts }, (_, n) => idAt(step.attempt + 1 + n));
  return steps.claim(scopeOf(comment), [idAt(step.attempt), ...later], execution);
};

/** The places of what was written tell nothing of values that came from elsewhere. */
const withParameters = (
  { places: _places, ...command }: Command,
  parameters: Readonly<Record<string, string>>,
): Command => {
  const whole = { ...command, parameters: { ...command.parameters, ...parameters } };
  return { ...whole, canonical: canonicalOf(whole) };
};

/** The visit of the attempt whose job this one goes on with, or its own. */
const atAttempt = async (command: Command, visit: Visit): Promise<Visit> => {
  const { comment, ports } = visit;
  if (comment.event.kind !== 'run') return visit;
  const { step } = comment.event;
  for (let attempt = step.attempt; attempt > 0; attempt -= 1) {
    const event = { kind: 'run', step: { ...step, attempt } } as const;
    const earlier = { ...comment, event };
    const found = await ports.jobs.get(jobIdOf(command, earlier), scopeOf(comment));
    const job = found && isJobOf(found, command, earlier) ? found : undefined;
    const goesOn = job && (job.endedAt === null || job.state === 'completed' || attempt === step.attempt);
    if (goesOn) return { ...visit, comment: earlier };
    if (job) break;
  }
  return visit;
};

const askingOf = ({ host, repository, step, actor, replyTo }: WorkflowRequest): IncomingComment => ({
  host,
  thread: { repository, number: replyTo ?? 0, kind: 'issue' },
  about: { labels: [], comments: 0 },
  comment: { id: 0, createdAt: new Date().toISOString(), body: '' },
  author:
    actor === 'schedule' ? schedule : { ...actor, kind: actor.login.endsWith('[bot]') ? 'bot' : 'person' },
  event: { kind: 'run', step },
  installation: null,
});

const told = { position: null, suggestion: null } as const;

const notStarting = ({ name }: Command) => ({
  ...told,
  message: 'This command starts no job',
  expected: 'run or compute',
  received: `/${name}`,
});

const givenTwice = (name: string) => ({
  ...told,
  message: `The parameter "${name}" is given twice`,
  expected: 'it in the command, or in the parameters',
  received: null,
});

const notOne = (command: string, visit: Visit): Outcome => {
  const wrong = {
    ...told,
    message: 'One command is needed',
    expected: 'one line that begins with a slash',
    received: command.trim(),
  };
  return mistaken('command', [wrong], visit);
};
