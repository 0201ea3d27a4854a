import type { Jobs, Locks, TaskDefinition, TaskDigests, TaskList } from '../compute/client/index.ts';
import type { Audit } from './audit.ts';
import type { CommandItem, Grammar, SecondReader } from './command/index.ts';
import type {
  CodeOwners,
  Files,
  Permissions,
  PolicyLoader,
  PostedReply,
  Thread,
  Visibility,
} from './github/ports.ts';
import type { IncomingComment } from './incoming-comment.ts';
import type { CommentEntry } from './lease/comment-claim.ts';
import type { AuthorAccess } from './policy/index.ts';
import type { Policy, PolicyProblem } from './policy/policy.ts';
import type { ReplyExplanations, ReplySection } from './reply/render-reply.ts';

/** Limits the answers to people who cannot run, approve or lock anything (readers). */
export type ReaderAdmission = {
  /** Records whether the author of the comment is a reader. Returns whether to answer the comment. */
  admits(isReader: boolean): boolean;
  /** Returns false if this process gave the same answer within the last day. `key`: the person, the thread and the answer. */
  claimsAnswer(key: string): boolean;
};

/** What a conversation needs of GitHub and of the orchestrator. */
export type CommandPorts = {
  /** Which of the two entries this is. */
  entry: CommentEntry;
  jobs: Jobs;
  locks: Locks;
  permissions: Permissions;
  thread: Thread;
  visibility: Visibility;
  policies: PolicyLoader;
  codeOwners: CodeOwners;
  files: Files;
  audit: Audit;
  /** A line of a comment is a command only if this reader agrees. */
  secondReader: SecondReader;
  /** Without it, everyone gets answers. */
  admission?: ReaderAdmission;
};

/** A task of the catalogue, with the digests of its definition and script where the orchestrator tells them. */
export type CatalogueTask = TaskDefinition & { digests?: TaskDigests | undefined };

/** A comment that is being answered, with what its commands need to know, each asked for once at most. */
export type CommandContext = {
  comment: IncomingComment;
  ports: CommandPorts;
  /** The repository's policy; one that allows nobody anything while its file is broken. */
  policy: Policy;
  /** What is wrong with the file, if it is broken. */
  broken: readonly PolicyProblem[] | undefined;
  /** The commit of the policy's file; null without one. */
  policyCommit: string | null;
  grammar: Grammar;
  /** What the author is on this repository. */
  standing: AuthorAccess;
  /** Returns whether the author cannot run, approve or lock anything. */
  isReader(): Promise<boolean>;
  catalogue(): Promise<readonly CatalogueTask[]>;
  /** Returns the tasks whose definitions are not valid, with the reasons. */
  invalidTasks(): Promise<TaskList['invalid']>;
  /** What is wrong with a task's definition; undefined if there is none, or nothing is wrong with it. */
  definitionFault(task: string): Promise<string | undefined>;
  existingReply(): Promise<PostedReply | undefined>;
};

/** One command of the comment, and its place in there. */
export type SelectedCommand = { item: CommandItem; index: number };

/** What is said to one command, and what the audit keeps of it. */
export type CommandOutcome = {
  says:
    | { kind: 'job'; job: Extract<ReplySection, { kind: 'job' }>['job'] }
    | { kind: 'answer' | 'refusal'; markdown: string };
  /** Whether its author may give it, and why: a stable word. */
  allowed: boolean;
  reason: string;
  /** What came of it: a stable word. */
  outcome: string;
  /** sha256 of what exactly was asked for. */
  request?: string;
  job?: string;
  /** Jobs that were there before and go on, or end, by it: who followed them may have gone. */
  moves?: readonly string[];
  /** A refusal for want of a right, or because of the thread: each is explained once a day to the same person. */
  explains?: keyof ReplyExplanations;
};

/** The author may give the command, and gets a text. */
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

/** Nothing is done; the text says why, and `reason` in a word. */
export const refuse = (
  markdown: string,
  reason: string,
  more: Partial<CommandOutcome> = {},
): CommandOutcome => ({
  says: { kind: 'refusal', markdown },
  allowed: false,
  reason,
  outcome: 'refused',
  ...more,
});
