import type { CodeOwners, Permissions, PolicyLoader, Visibility } from '../chatops/github/ports.ts';
import { threadWith } from '../chatops/reply-sync/thread-with.ts';
import type { WriteGuard } from '../chatops/lease/reply-lease.ts';
import type { ReaderAdmission, CommandPorts } from '../chatops/command-context.ts';
import { toThreadBudget } from './rate-limit/thread-budget.ts';
import type { BotCore } from './core.ts';
import { toAdmissionSubject } from './server/admission-control.ts';
import type { ReceivedComment } from './server/comment.ts';

/** How a reply is written: `held` is called immediately before each write. */
type ReplyWriting = { held: WriteGuard; toReader: boolean };

/** The parts that all conversations share. */
export type CommandPortsDependencies = Pick<
  BotCore,
  'threads' | 'jobs' | 'locks' | 'audit' | 'budget' | 'entry' | 'admissions' | 'secondReader'
>;

/** The maximum number of GitHub calls of `CodeOwners.ownPolicy`. */
export const callsPerCodeOwnersLookup = 3;

/** The approximate number of API calls of each lookup: a person who is not in a team costs two, and a list is read in pages. */
const callsPerLookup = {
  level: 1,
  membership: 2,
  policy: 1,
  owners: callsPerCodeOwnersLookup,
  visibility: 1,
  search: 2,
};

/**
 * Returns the ports of the conversation about a comment. Lookups and writes are charged to the author until the author is known to
 * have permissions.
 */
export const createCommandPorts = (
  comment: ReceivedComment,
  { threads, jobs, locks, audit, budget, entry, admissions, secondReader }: CommandPortsDependencies,
  { held, toReader }: ReplyWriting = { held: () => {}, toReader: false },
): CommandPorts => {
  const subject = toAdmissionSubject(comment);
  const { installation, repository } = subject;
  const charge = (count: number) => admissions.charge(subject, count);
  const { permissions, policies, codeOwners, visibility, files, thread } = threads.forThread(comment);
  const target = { installation, repository, ...(toReader ? { person: subject.person } : {}) };
  const limits = toThreadBudget(budget, target);
  return {
    ...chargeReads({ permissions, policies, codeOwners, visibility }, charge),
    thread: threadWith(thread, {
      fence: held,
      budget: { ...limits, search: (search) => (charge(callsPerLookup.search), limits.search(search)) },
    }),
    files,
    jobs,
    locks,
    audit,
    entry,
    secondReader: secondReader.read,
    admission: toAdmission(comment, admissions),
  };
};

type ChargedPorts = {
  permissions: Permissions;
  policies: PolicyLoader;
  codeOwners: CodeOwners;
  visibility: Visibility;
};

const chargeReads = (
  { permissions, policies, codeOwners, visibility }: ChargedPorts,
  charge: (count: number) => void,
): ChargedPorts => ({
  permissions: {
    level: (repository, person) => (charge(callsPerLookup.level), permissions.level(repository, person)),
    membership: (team, person) => (charge(callsPerLookup.membership), permissions.membership(team, person)),
  },
  policies: { of: (repository) => (charge(callsPerLookup.policy), policies.of(repository)) },
  codeOwners: {
    hasPolicyOwner: (repository, commit) => (
      charge(callsPerLookup.owners),
      codeOwners.hasPolicyOwner(repository, commit)
    ),
  },
  visibility: {
    isPublic: (repository) => (charge(callsPerLookup.visibility), visibility.isPublic(repository)),
  },
});

const toAdmission = (comment: ReceivedComment, admissions: BotCore['admissions']): ReaderAdmission => ({
  admits: (isReader) => admissions.recordPermissions(comment, isReader),
  claimsAnswer: (key) => admissions.claimsAnswer(key, comment),
});
