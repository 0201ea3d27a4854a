import type { CodeOwners, Permissions, Policies, Thread, Visibility } from '../chatops/github/ports.ts';
import { guardedThread } from '../chatops/reply-sync/fenced-thread.ts';
import type { Held } from '../chatops/lease/reply-lease.ts';
import type { Admission, ConversationPorts } from '../chatops/command-context.ts';
import { meteredThread } from './rate-limit/rate-limited-thread.ts';
import type { Core } from './core.ts';
import { visitorOf } from './server/admission-control.ts';
import type { HeardComment } from './server/comment.ts';

/** How a reply is written: `held` is called immediately before each write. */
type Writing = { held: Held; toReader: boolean };

/** The parts that all conversations share. */
export type ConversationCore = Pick<
  Core,
  'threads' | 'jobs' | 'locks' | 'audit' | 'budget' | 'entry' | 'admissions' | 'secondReader'
>;

/** The maximum number of GitHub calls of `CodeOwners.ownPolicy`. */
export const codeOwnersCalls = 3;

/** The approximate number of API calls of each lookup: a person who is not in a team costs two, and a list is read in pages. */
const calls = { level: 1, membership: 2, policy: 1, owners: codeOwnersCalls, visibility: 1, search: 2 };

/**
 * Returns the ports of the conversation about a comment. Lookups and writes are charged to the author until the author is known to
 * have permissions.
 */
export const portsFor = (
  comment: HeardComment,
  { threads, jobs, locks, audit, budget, entry, admissions, secondReader }: ConversationCore,
  { held, toReader }: Writing = { held: () => {}, toReader: false },
): ConversationPorts => {
  const visitor = visitorOf(comment);
  const { installation, repository } = visitor;
  const charge = (count: number) => admissions.charge(visitor, count);
  const { permissions, policies, codeOwners, visibility, files, thread } = threads.at(comment);
  const target = { installation, repository, ...(toReader ? { person: visitor.person } : {}) };
  const metered = meteredThread(guardedThread(thread, held), budget, target);
  return {
    ...chargedReads({ permissions, policies, codeOwners, visibility, thread: metered }, charge),
    files,
    jobs,
    locks,
    audit,
    entry,
    secondReader: secondReader.read,
    admission: admissionOf(comment, admissions),
  };
};

type Reads = {
  permissions: Permissions;
  policies: Policies;
  codeOwners: CodeOwners;
  visibility: Visibility;
  thread: Thread;
};

const chargedReads = (
  { permissions, policies, codeOwners, visibility, thread }: Reads,
  charge: (count: number) => void,
): Reads => ({
  permissions: {
    level: (repository, person) => (charge(calls.level), permissions.level(repository, person)),
    membership: (team, person) => (charge(calls.membership), permissions.membership(team, person)),
  },
  policies: { of: (repository) => (charge(calls.policy), policies.of(repository)) },
  codeOwners: {
    ownPolicy: (repository, commit) => (charge(calls.owners), codeOwners.ownPolicy(repository, commit)),
  },
  visibility: { isPublic: (repository) => (charge(calls.visibility), visibility.isPublic(repository)) },
  thread: {
    ...thread,
    findReply: (comment) => (charge(calls.search), thread.findReply(comment)),
    findOurs: (since, matches) => (charge(calls.search), thread.findOurs(since, matches)),
  },
});

const admissionOf = (comment: HeardComment, admissions: Core['admissions']): Admission => ({
  admits: (isReader) => admissions.admits(comment, isReader),
  claimsAnswer: (key) => admissions.claimsAnswer(key, comment),
});
