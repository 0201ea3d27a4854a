import { defaultGrammar, type Grammar } from './command/index.ts';
import type { IncomingComment, LoadedPolicy } from './github/ports.ts';
import { closedPolicy, type Standing } from './policy/index.ts';
import { isReader } from './authorization.ts';
import type { ConversationPorts, Visit } from './command-context.ts';

/** A visit of a comment: the policy is read, everything else only when a command needs it. */
export const visitOf = async (comment: IncomingComment, ports: ConversationPorts): Promise<Visit> => {
  const loaded = await ports.policies.of(comment.thread.repository);
  const { jobs, thread } = ports;
  const list = once(() => jobs.tasks());
  const policy = loaded.state === 'broken' ? closedPolicy : loaded.policy;
  const visit: Visit = {
    comment,
    ports,
    policy,
    broken: loaded.state === 'broken' ? loaded.mistakes : undefined,
    policyCommit: loaded.commit,
    grammar: grammarOf(loaded),
    standing: standingOf(comment, ports),
    isReader: once(() => isReader(visit)),
    catalogue: async () => (await list()).tasks,
    invalidTasks: async () => (await list()).invalid,
    definitionFault: async (task) => (await list()).invalid.find(({ name }) => name === task)?.message,
    existingReply: once(() => thread.findReply(comment.comment)),
  };
  return visit;
};

/** How commands are written in a repository. */
export const grammarOf = (loaded: LoadedPolicy): Grammar => {
  if (loaded.state === 'broken') return defaultGrammar;
  const { name: prefix, required } = loaded.policy.prefix;
  return { prefix, required };
};

const standingOf = (
  { thread: { repository }, author }: IncomingComment,
  { permissions, visibility }: ConversationPorts,
): Standing => {
  const teams = new Map<string, ReturnType<Standing['membership']>>();
  return {
    level: once(() => permissions.level(repository, author)),
    isPublic: once(() => visibility.isPublic(repository)),
    membership: (team) => {
      const asked = teams.get(team) ?? permissions.membership(team, author);
      teams.set(team, asked);
      return asked;
    },
  };
};

const once = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let asked: Promise<T> | undefined;
  return () => (asked ??= ask());
};
