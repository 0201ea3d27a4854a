import type { GitHubAccount, Accounts } from './accounts.ts';
import type { EmulatorServices } from './services/services.ts';
import { toHeadRef } from './services/files.ts';
import type { RateLimit } from './api/rate-limit.ts';
import type { InjectedFault, FaultInjector } from './api/fault-injection.ts';
import type { TokenService } from './api/tokens.ts';
import { defaultBranch, toBranchRef } from './git/repository.ts';
import type { FileMode } from './git/tree.ts';
import type { OtherApp } from './store/comments.ts';
import type { EmulatorStore } from './store/store.ts';

/** The content of a push: text or bytes of a file, a symbolic link to a path, or a submodule at a commit. */
type PushedContent = string | Uint8Array | { link: string } | { submodule: string };

/** A commit of a person to a branch of the repository, or of the author's own fork. */
type Push = { by: string; branch?: string; fork?: boolean; path: string; content: PushedContent };

/** Operations for tests and demonstrations that GitHub's API does not offer. */
export type TestControl = {
  /** Makes the next calls fail. */
  injectFault(fault: InjectedFault): void;
  /** Sets the hourly limit of calls of all callers. */
  setRateLimit(calls: number): void;
  /** Archives or unarchives the repository. */
  setArchived(is: boolean): void;
  /** Adds a number of absent comments to the count of a thread. */
  setCommentCount(issue: number, comments: number): void;
  /** Sets the time at which a comment, by its id, was written (ISO 8601, to the second). */
  setCommentDate(comment: number, at: string): void;
  /** Sets the time at which a review comment, by its id, was written and its review submitted (ISO 8601, to the second). */
  setReviewCommentDate(comment: number, at: string): void;
  /** Returns a token with which another app posts on behalf of a person, by login. */
  createUserToken(login: string, via: OtherApp): string;
  /** Commits as if by `git push`, and returns the name of the commit. A new branch starts at the default branch. */
  push(push: Push): string;
};

type TestControlContext = {
  store: EmulatorStore;
  services: EmulatorServices;
  accounts: Accounts;
  tokens: TokenService;
  faults: FaultInjector;
  budget: RateLimit;
};

/** Creates the test control of an emulator. It is available only in the emulator's process. */
export const createTestControl = ({
  store,
  services,
  accounts,
  tokens,
  faults,
  budget,
}: TestControlContext): TestControl => ({
  injectFault: (fault) => faults.plan(fault),
  setRateLimit: (calls) => budget.setLimit(calls),
  setArchived: (is) => store.settings.setArchived(is),
  setCommentCount: (issue, comments) => store.issues.setAbsentComments(issue, comments),
  setCommentDate: (comment, at) => store.comments.setDate(comment, at),
  setReviewCommentDate: (id, at) => {
    const comment = store.reviewComments.get(id);
    if (!comment) throw new Error(`No review comment has the id ${id}`);
    store.reviewComments.setDates(id, { createdAt: at, updatedAt: at });
    store.reviews.setDate(comment.review, at);
  },
  createUserToken: (login, via) => tokens.createUserToken(getAccount(accounts, login), via),
  push: ({ by, branch: name = defaultBranch, fork = false, path, content }) => {
    const author = getAccount(accounts, by);
    const branch = { name, fork: fork ? author.id : null };
    if (store.refs.get(toHeadRef(branch)) === undefined)
      services.createBranch(branch, store.refs.get(toBranchRef(defaultBranch)) as string);
    return services.commitFile(
      author,
      branch,
      { path, content: writeContent(store, content) },
      `Change ${path}`,
    ).sha;
  },
});

const getAccount = (accounts: Accounts, login: string): GitHubAccount => {
  const account = accounts.byLogin(login);
  if (!account) throw new Error(`No account has the login ${login}`);
  return account;
};

const writeContent = (
  { objects }: EmulatorStore,
  content: PushedContent,
): Uint8Array | { mode: FileMode; sha: string } => {
  if (typeof content === 'string') return Buffer.from(content);
  if (content instanceof Uint8Array) return content;
  return 'link' in content
    ? { mode: '120000', sha: objects.put('blob', Buffer.from(content.link)) }
    : { mode: '160000', sha: content.submodule };
};
