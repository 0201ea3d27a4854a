import type { Job } from '../compute/client/index.ts';
import type { ReplyExplanations } from './reply/render-reply.ts';
import { fail } from './result.ts';

/** The outcome of one command: its section of the reply, and what the audit records. */
export type CommandOutcome = {
  says: { kind: 'job'; job: Job } | { kind: 'answer' | 'refusal'; markdown: string };
  /** Whether the author may use the command. */
  allowed: boolean;
  /** Why: a stable code. */
  reason: string;
  /** What happened: a stable code. */
  outcome: string;
  /** sha256 of exactly what was requested. */
  request?: string;
  job?: string;
  /** Existing jobs that the command resumed or ended. Their own followers may have stopped. */
  moves?: readonly string[];
  /** Refusals for the same reason, a missing permission or the thread, are explained to a person once per thread and day. */
  explains?: keyof ReplyExplanations;
};

/** The outcome of a command that was refused. */
export type Refusal = CommandOutcome & { says: { kind: 'refusal'; markdown: string } };

/** Returns the outcome of an allowed command whose answer is a text. */
export const answerWith = (
  markdown: string,
  outcome: string,
  more: Partial<CommandOutcome> = {},
): CommandOutcome => ({
  says: { kind: 'answer', markdown },
  allowed: true,
  reason: 'allowed',
  outcome,
  ...more,
});

/** The fields of a refusal that differ from the usual ones. */
type RefusalDetails = Pick<Partial<CommandOutcome>, 'allowed' | 'request' | 'job' | 'explains'>;

/** Returns the outcome of a command that was refused. The text explains the reason; `reason` is its code. */
export const refuse = (markdown: string, reason: string, details: RefusalDetails = {}): Refusal => ({
  says: { kind: 'refusal', markdown },
  allowed: false,
  reason,
  outcome: 'refused',
  ...details,
});

/** Returns a failed result with a refusal. */
export const failWith = (...refusal: Parameters<typeof refuse>) => fail(refuse(...refusal));
