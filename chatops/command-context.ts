import type {
  ComputeOffer,
  Jobs,
  Locks,
  TaskDefinition,
  TaskDigests,
  TaskList,
} from '../compute/client/index.ts';
import type { Audit } from './audit.ts';
import { isReader } from './authorization.ts';
import { defaultGrammar, type CommandItem, type Grammar, type SecondReader } from './command/index.ts';
import type {
  CodeOwners,
  Files,
  LoadedPolicy,
  Permissions,
  PolicyLoader,
  PostedReply,
  Thread,
  Visibility,
} from './github/ports.ts';
import type { IncomingComment } from './incoming-comment.ts';
import type { CommentEntry } from './lease/comment-claim.ts';
import { closedPolicy, type AuthorAccess } from './policy/index.ts';
import type { Policy, PolicyProblem } from './policy/policy.ts';

/** Limits the answers to people who cannot run, approve or lock anything (readers). */
export type ReaderAdmission = {
  /** Records whether the author of the comment is a reader. Returns whether to answer the comment. */
  admits(isReader: boolean): boolean;
  /** Returns false if this process gave the same answer within the last day. `key`: the person, the thread and the answer. */
  claimsAnswer(key: string): boolean;
};

/** The parts of GitHub and of the orchestrator that commands use. */
export type CommandPorts = {
  /** The entry, app or Action, that handles the comment. */
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

/** A task of the catalogue, with the digests of its definition and script if the orchestrator provides them. */
export type CatalogueTask = TaskDefinition & { digests?: TaskDigests | undefined };

/** A comment whose commands are processed, and what the commands need to know. Each function makes its request at most once. */
export type CommandContext = {
  comment: IncomingComment;
  ports: CommandPorts;
  /** The repository's policy; one that allows nothing if its file is invalid. */
  policy: Policy;
  /** The problems in the policy file; undefined if it is valid. */
  policyProblems: readonly PolicyProblem[] | undefined;
  /** The commit of the policy file; null without a file. */
  policyCommit: string | null;
  grammar: Grammar;
  /** The author's level and teams. */
  authorAccess: AuthorAccess;
  /** Returns whether the author cannot run, approve or lock anything. */
  isReader(): Promise<boolean>;
  catalogue(): Promise<readonly CatalogueTask[]>;
  /** Returns what `/compute` can compute; undefined if the orchestrator is too old to report it. */
  computeOffer(): Promise<ComputeOffer | undefined>;
  /** Returns the tasks whose definitions are not valid, with the reasons. */
  invalidTasks(): Promise<TaskList['invalid']>;
  /** Returns the problem in a task's definition; undefined if the definition is valid or does not exist. */
  definitionProblem(task: string): Promise<string | undefined>;
  existingReply(): Promise<PostedReply | undefined>;
};

/** One command of the comment, and its index among the comment's commands. */
export type SelectedCommand = { item: CommandItem; index: number };

/** Returns the context of a comment. Loads the policy at once and everything else only when a command needs it. */
export const loadCommandContext = async (
  comment: IncomingComment,
  ports: CommandPorts,
): Promise<CommandContext> => {
  const loaded = await ports.policies.load(comment.thread.repository);
  const { jobs, thread } = ports;
  const listTasks = memoize(() => jobs.tasks());
  const context: CommandContext = {
    comment,
    ports,
    policy: loaded.state === 'broken' ? closedPolicy : loaded.policy,
    policyProblems: loaded.state === 'broken' ? loaded.mistakes : undefined,
    policyCommit: loaded.commit,
    grammar: getGrammar(loaded),
    authorAccess: createAuthorAccess(comment, ports),
    isReader: memoize(() => isReader(context)),
    catalogue: async () => (await listTasks()).tasks,
    computeOffer: async () => (await listTasks()).compute,
    invalidTasks: async () => (await listTasks()).invalid,
    definitionProblem: async (task) => (await listTasks()).invalid.find(({ name }) => name === task)?.message,
    existingReply: memoize(() => thread.findReply(comment.comment)),
  };
  return context;
};

/** Returns how commands are written in a repository. */
export const getGrammar = (loaded: LoadedPolicy): Grammar => {
  if (loaded.state === 'broken') return defaultGrammar;
  const { name: prefix, required } = loaded.policy.prefix;
  return { prefix, required };
};

const createAuthorAccess = (
  { thread: { repository }, author }: IncomingComment,
  { permissions, visibility }: CommandPorts,
): AuthorAccess => {
  const memberships = new Map<string, ReturnType<AuthorAccess['getMembership']>>();
  return {
    getLevel: memoize(() => permissions.getLevel(repository, author)),
    isPublic: memoize(() => visibility.isPublic(repository)),
    getMembership: (team) => {
      const membership = memberships.get(team) ?? permissions.getMembership(team, author);
      memberships.set(team, membership);
      return membership;
    },
  };
};

const memoize = <T>(load: () => Promise<T>): (() => Promise<T>) => {
  let promise: Promise<T> | undefined;
  return () => (promise ??= load());
};
