import type { Leases, Lock, Locks, TaskDefinition } from '../../compute/client/index.ts';
import type { AuditEntry } from '../../chatops/audit.ts';
import { handleComment, postReply, type CommentResult } from '../../chatops/handle-comment.ts';
import type { FileAnswer } from '../../chatops/github/ports.ts';
import type { PermissionLevel } from '../../chatops/policy/permission-level.ts';
import type { IncomingComment } from '../../chatops/incoming-comment.ts';
import { createStepClaims } from '../../chatops/lease/step-claim.ts';
import { defaultPolicy, readPolicy } from '../../chatops/policy/index.ts';
import type { Policy } from '../../chatops/policy/policy.ts';
import { readMarker } from '../../chatops/reply/render-reply.ts';
import { checkVisibleLines } from '../../chatops/markdown-visibility/second-reader/check-visible-lines.ts';
import type { CommandPorts } from '../../chatops/command-context.ts';
import type { WorkflowPorts } from '../../chatops/handle-workflow-request.ts';
import { createMemoryJobs, type MemoryJobs } from './memory-jobs.ts';

export const hello: TaskDefinition = {
  taskName: 'Hello',
  dockerImage: 'busybox',
  scriptName: 'hello.sh',
  scriptParameters: [{ parameterName: 'who', parameterType: 'string', required: true, secret: false }],
};

export const stopVm: TaskDefinition = {
  taskName: 'StopVM',
  dockerImage: 'azure-cli',
  scriptName: 'stop-vm.sh',
  scriptParameters: [
    { parameterName: 'VMName', parameterType: 'string', required: true, secret: false },
    { parameterName: 'Token', parameterType: 'string', required: false, secret: true },
  ],
};

/** The ports of a comment handler with GitHub's state in memory, and a record of the calls. */
export type FakeCommentPorts = WorkflowPorts & {
  jobs: MemoryJobs;
  calls: string[];
  audited: AuditEntry[];
  /** Permission levels by login; all other users have none. */
  levels: Record<string, PermissionLevel>;
  /** The logins of a team's members, by its `org/slug`. */
  teams: Record<string, string[]>;
  files: CommandPorts['files'] & { at: Record<string, FileAnswer>; pull: string };
  /** Whether CODEOWNERS names an owner of the policy; undefined if that is unknown. */
  hasCodeOwner: boolean | undefined;
  /** The bodies of our replies on the thread by id, in the order of creation. */
  bodies: Map<number, string>;
  /** Returns the body of the newest reply; empty if there is none. */
  posted: () => string;
};

export const parsePolicy = (text: string): Policy => {
  const read = readPolicy(text);
  if ('mistakes' in read) throw new Error(JSON.stringify(read.mistakes));
  return read.policy;
};

export const defaultHead = 'd'.repeat(40);

/** Creates the ports of a repository with this policy file; without a text, it has none. */
export const createCommentPorts = (policy?: string, isPublic = false): FakeCommentPorts => {
  const calls: string[] = [];
  const audited: AuditEntry[] = [];
  const bodies = new Map<number, string>();
  const levels: FakeCommentPorts['levels'] = { octocat: 'write', mona: 'maintain', rhea: 'read' };
  const teams: FakeCommentPorts['teams'] = {};
  const files: FakeCommentPorts['files'] = {
    at: {},
    pull: 'e'.repeat(40),
    getDefaultHead: async () => defaultHead,
    getPullHead: async () => files.pull,
    read: async (_repository, path, commit) =>
      files.at[`${path}@${commit}`] ?? { outcome: 'not-found', bytes: null },
  };
  const find = (matches: (body: string) => boolean) => {
    const found = [...bodies].find(([, body]) => matches(body));
    return found && { id: found[0], body: found[1] };
  };
  const made: FakeCommentPorts = {
    calls,
    audited,
    bodies,
    levels,
    teams,
    files,
    hasCodeOwner: true,
    codeOwners: { hasPolicyOwner: async () => (calls.push('code owners'), made.hasCodeOwner) },
    posted: () => [...bodies.values()].at(-1) ?? '',
    jobs: createMemoryJobs([hello, stopVm]),
    locks: createMemoryLocks(),
    permissions: {
      getLevel: async (_repository, { login }) => (calls.push(`level ${login}`), levels[login] ?? 'none'),
      getMembership: async (team, { login }) => (teams[team]?.includes(login) ? 'member' : 'not-a-member'),
    },
    policies: { load: async () => toLoadedPolicy(policy) },
    visibility: { isPublic: async () => isPublic },
    entry: { name: 'app', claims: async () => true },
    steps: createStepClaims(createMemoryLeases()),
    audit: { record: (entry) => void audited.push(entry) },
    secondReader: async (text, lines) => checkVisibleLines({ text, lines }),
    thread: {
      findReply: async ({ id }) => (calls.push('find'), find((body) => readMarker(body)?.comment === id)),
      findOwnComment: async (_since, matches) =>
        find((body) => {
          const marker = readMarker(body);
          return marker !== undefined && matches(marker);
        }),
      create: async (body) => {
        calls.push('create');
        const id = 70 + bodies.size;
        bodies.set(id, body);
        return { id, body };
      },
      edit: async (id, body) => {
        calls.push('edit');
        bodies.set(id, body);
      },
      react: async (comment, reaction) => void calls.push(`react ${comment} ${reaction}`),
      getCachedReactions: () => undefined,
      hasReacted: async () => false,
    },
  };
  return made;
};

const toLoadedPolicy = (text: string | undefined): Awaited<ReturnType<CommandPorts['policies']['load']>> => {
  if (text === undefined) return { state: 'none', policy: defaultPolicy, commit: null };
  const read = readPolicy(text);
  const commit = 'c'.repeat(40);
  return 'mistakes' in read
    ? { state: 'broken', mistakes: read.mistakes, commit }
    : { state: 'read', policy: read.policy, commit };
};

const createMemoryLeases = (): Pick<Leases, 'take'> => {
  const holders = new Map<string, string>();
  return {
    take: async (name, holder) => {
      if (!holders.has(name)) holders.set(name, holder);
      return holders.get(name) === holder;
    },
  };
};

/** Creates locks in memory that only people take. */
const createMemoryLocks = (): Locks => {
  const all = new Map<string, Lock>();
  const since = '2026-03-01T12:00:00Z';
  return {
    list: async (scope) => [...all.values()].filter((lock) => lock.scope === scope),
    take: async ({ scope, key, by, reason, end }) => {
      const held = all.get(`${scope} ${key}`);
      const [holder] = held?.holders ?? [];
      if (held && holder && (holder.kind === 'job' || holder.person.id !== by.id))
        return { outcome: 'held', lock: held };
      if (held && end === undefined) return { outcome: 'yours', lock: held };
      const stored = end && {
        at: end.seconds === null ? null : new Date(Date.parse(since) + end.seconds * 1_000).toISOString(),
        thread: end.thread,
      };
      const holders: Lock['holders'] = [{ kind: 'person', person: by, reason, since, end: stored }];
      const lock: Lock = { v: 1, scope, key, slots: 1, holders, waiting: [] };
      all.set(`${scope} ${key}`, lock);
      return { outcome: held ? 'yours' : 'taken', lock };
    },
    endWithThread: async ({ scope, thread }) => {
      const ended = [...all.values()].filter(
        (lock) =>
          lock.scope === scope &&
          lock.holders.some((holder) => holder.kind === 'person' && holder.end?.thread === thread),
      );
      for (const { key } of ended) all.delete(`${scope} ${key}`);
      return ended.map(({ key }) => key);
    },
    release: async ({ scope, key, by, force }) => {
      const held = all.get(`${scope} ${key}`);
      const [holder] = held?.holders ?? [];
      if (!held || !holder) return { outcome: 'not-locked' };
      if (holder.kind !== 'person' || (holder.person.id !== by.id && !force))
        return { outcome: 'held', lock: held };
      all.delete(`${scope} ${key}`);
      return { outcome: 'released' };
    },
  };
};

/** Handles a comment, and writes the reply. @throws Error if it has no command */
export const deliver = async (comment: IncomingComment, ports: CommandPorts): Promise<CommentResult> => {
  const turn = await handleComment(comment, ports);
  if (!turn) throw new Error('no command was found');
  await postReply(comment, turn, ports);
  return turn;
};

/** Returns the commands of the started jobs as the reply shows them. */
export const listStarts = ({ jobs }: FakeCommentPorts): string[] =>
  jobs.calls.filter((call) => call.startsWith('start')).map((call) => call.slice('start '.length));
