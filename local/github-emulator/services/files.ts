import type { GitHubAccount } from '../accounts.ts';
import type { Commit } from '../git/commit.ts';
import {
  resolveCommit,
  commitChange,
  toBranchRef,
  type PathChange as FileChange,
} from '../git/repository.ts';
import type { CheckRunRow } from '../store/checks.ts';
import type { EmulatorStore } from '../store/store.ts';
import type { IssueRow } from '../store/issues.ts';
import type { ServiceContext } from './context.ts';

/** A branch of the repository; with `fork`, an account's id, one of that account's fork. */
export type HeadBranch = { name: string; fork: number | null };
/** The content of a new pull request. The branch of its head must exist. */
type PullRequestDraft = { title: string; body: string; base: string; head: HeadBranch };

export type FileService = {
  /** Commits one change to a branch, creates the branch if necessary, and updates the open pull requests from it. */
  commitFile(author: GitHubAccount, branch: HeadBranch, change: FileChange, message: string): Commit;
  /** Creates a branch at a commit. */
  createBranch(name: HeadBranch, commit: string): void;
  openPullRequest(author: GitHubAccount, proposal: PullRequestDraft): IssueRow;
  /** Creates or updates a check run. */
  saveCheckRun(run: Omit<CheckRunRow, 'id'> | CheckRunRow): CheckRunRow;
};

/** Returns the full name of a branch. */
export const toHeadRef = ({ name, fork }: HeadBranch): string =>
  fork === null ? toBranchRef(name) : `refs/forks/${fork}/${name}`;

/** Returns a function that updates the open pull requests from a branch to its new commit, and returns their numbers. */
export const createHeadFollower =
  ({ store, events, enqueueEvent }: Pick<ServiceContext, 'store' | 'events' | 'enqueueEvent'>) =>
  (author: GitHubAccount, { name, fork }: HeadBranch, after: string): number[] =>
    store.pulls.listOpenFrom(name, fork).map(({ number, headSha: before }) => {
      store.pulls.updateHead(number, after);
      store.refs.set(toPullRef(number), after);
      store.issues.touch(number);
      enqueueEvent(events.buildConversation('synchronize', number, author, { before, after }));
      return number;
    });

/** Returns the open pull requests into a branch. A new commit on it may change whether they can be merged. */
export const listOpenInto = (store: EmulatorStore, base: string): number[] =>
  store.pulls
    .list({ state: 'open', limit: -1, offset: 0 })
    .filter((pull) => pull.base === base)
    .map(({ number }) => number);

/** Returns the operations on files, branches, pull requests and their checks. */
export const createFileService = ({
  store,
  events,
  enqueueEvent,
  notifyPages,
  commit,
}: ServiceContext): FileService => {
  const follow = createHeadFollower({ store, events, enqueueEvent });
  return {
    commitFile: (author, branch, change, message) => {
      const { created, pulls } = commit(() => {
        const ref = toHeadRef(branch);
        const created = commitChange(store.objects, resolveCommit(store, ref), change, { author, message });
        store.refs.set(ref, created.sha);
        return { created, pulls: follow(author, branch, created.sha) };
      });
      const around = branch.fork === null ? listOpenInto(store, branch.name) : [];
      [...pulls, ...around].forEach((issue) => notifyPages({ issue, comment: null }));
      return created;
    },
    createBranch: (branch, sha) => commit(() => store.refs.set(toHeadRef(branch), sha)),
    openPullRequest: (author, { title, body, base, head }) =>
      commit(() => {
        const { number } = store.issues.insert({ author: author.id, title, body });
        const [baseSha, headSha] = [toBranchRef(base), toHeadRef(head)].map(
          (ref) => store.refs.get(ref) as string,
        );
        store.pulls.insert({
          number,
          base,
          baseSha: baseSha as string,
          head: head.name,
          headSha: headSha as string,
          fork: head.fork,
        });
        store.refs.set(toPullRef(number), headSha as string);
        enqueueEvent(events.buildConversation('opened', number, author));
        return store.issues.get(number) as IssueRow;
      }),
    saveCheckRun: (run) => {
      const saved = commit(() => ('id' in run ? store.checks.save(run) : store.checks.insert(run)));
      store.pulls
        .listOpenAt(saved.sha)
        .forEach(({ number }) => notifyPages({ issue: number, comment: null }));
      return saved;
    },
  };
};

const toPullRef = (number: number): string => `refs/pull/${number}/head`;
