import { defaultGrammar } from './command/index.ts';
import type { IncomingComment } from './github/port.ts';
import { closedPolicy, type Standing } from './policy/index.ts';
import type { ConversationPorts, Visit } from './visit.ts';

/** A visit of a comment: the policy is read, everything else only when a command needs it. */
export const visitOf = async (comment: IncomingComment, ports: ConversationPorts): Promise<Visit> => {
  const loaded = await ports.policies.of(comment.thread.repository);
  const { jobs, thread } = ports;
  const list = once(() => jobs.tasks());
  const policy = loaded.state === 'broken' ? closedPolicy : loaded.policy;
  const { name: prefix, required } = policy.prefix;
  return {
    comment,
    ports,
    policy,
    broken: loaded.state === 'broken' ? loaded.mistakes : undefined,
    policyCommit: loaded.commit,
    grammar: loaded.state === 'broken' ? defaultGrammar : { prefix, required },
    standing: standingOf(comment, ports),
    catalogue: async () => (await list()).tasks,
    definitionFault: async (task) => (await list()).invalid.find(({ name }) => name === task)?.message,
    existingReply: once(() => thread.findReply(comment.comment)),
  };
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
