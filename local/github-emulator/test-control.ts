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

/** What comes to a branch: text or bytes of a file, a symbolic link to a path, or a submodule at a commit. */
type PushedContent = string | Uint8Array | { link: string } | { submodule: string };

/** One commit of somebody, to a branch of the repository or of the author's own fork. */
type Push = { by: string; branch?: string; fork?: boolean; path: string; content: PushedContent };

/** What tests and demonstrations arrange, that GitHub's API does not offer, or not at will. */
export type TestControl = {
  /** Plans that the next calls fail. */
  injectFault(fault: InjectedFault): void;
  /** Sets how many calls an hour everybody has, from now on. */
  setRateLimit(calls: number): void;
  /** Archives the repository, or takes it back. */
  setArchived(is: boolean): void;
  /** Lets a thread count so many comments that are not there. */
  setCommentCount(issue: number, comments: number): void;
  /** Lets a comment, by its id, have been written at a time (ISO 8601, to the second). */
  setCommentDate(comment: number, at: string): void;
  /** Returns a token with which another app acts for a person, by login: the app posts as that person. */
  createUserToken(login: string, via: OtherApp): string;
  /** Commits as if by `git push`, and tells the commit's name. A branch that is new begins at the default branch. */
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

/** The stage of one sandbox. It can be reached only from its own process. */
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
  if (!account) throw new Error(`Nobody is called ${login}`);
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
