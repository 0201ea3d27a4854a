import { defaultGrammar, type Grammar } from './command/index.ts';
import type { LoadedPolicy } from './github/ports.ts';
import type { IncomingComment } from './incoming-comment.ts';
import { closedPolicy, type AuthorAccess } from './policy/index.ts';
import { isReader } from './authorization.ts';
import type { CommandPorts, CommandContext } from './command-context.ts';

/** A visit of a comment: the policy is read, everything else only when a command needs it. */
export const loadCommandContext = async (
  comment: IncomingComment,
  ports: CommandPorts,
): Promise<CommandContext> => {
  const loaded = await ports.policies.of(comment.thread.repository);
  const { jobs, thread } = ports;
  const list = memoize(() => jobs.tasks());
  const policy = loaded.state === 'broken' ? closedPolicy : loaded.policy;
  const visit: CommandContext = {
    comment,
    ports,
    policy,
    broken: loaded.state === 'broken' ? loaded.mistakes : undefined,
    policyCommit: loaded.commit,
    grammar: getGrammar(loaded),
    standing: createStanding(comment, ports),
    isReader: memoize(() => isReader(visit)),
    catalogue: async () => (await list()).tasks,
    invalidTasks: async () => (await list()).invalid,
    definitionFault: async (task) => (await list()).invalid.find(({ name }) => name === task)?.message,
    existingReply: memoize(() => thread.findReply(comment.comment)),
  };
  return visit;
};

/** How commands are written in a repository. */
export const getGrammar = (loaded: LoadedPolicy): Grammar => {
  if (loaded.state === 'broken') return defaultGrammar;
  const { name: prefix, required } = loaded.policy.prefix;
  return { prefix, required };
};

const createStanding = (
  { thread: { repository }, author }: IncomingComment,
  { permissions, visibility }: CommandPorts,
): AuthorAccess => {
  const teams = new Map<string, ReturnType<AuthorAccess['membership']>>();
  return {
    level: memoize(() => permissions.level(repository, author)),
    isPublic: memoize(() => visibility.isPublic(repository)),
    membership: (team) => {
      const asked = teams.get(team) ?? permissions.membership(team, author);
      teams.set(team, asked);
      return asked;
    },
  };
};

const memoize = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let asked: Promise<T> | undefined;
  return () => (asked ??= ask());
};
