import { organization, type Accounts, type GitHubAccount } from '../accounts.ts';
import { writeCommit, type Commit } from '../git/commit.ts';
import { mergePull } from '../git/pull-changes.ts';
import { toBranchRef } from '../git/repository.ts';
import { now } from '../store/database.ts';
import type { IssueRow } from '../store/issues.ts';
import type { PullRow } from '../store/pulls.ts';
import type { ServiceContext } from './context.ts';
import { createHeadFollower, listOpenInto } from './files.ts';

export type MergeService = {
  /** Merges an open pull request into its base with a merge commit, and closes it. Returns the conflicts if there are any. */
  mergePullRequest(by: GitHubAccount, pull: PullRow, message: string): Commit | { conflicts: string[] };
};

/** Returns the first line of a merge commit, as GitHub writes it. */
export const formatMergeTitle = ({ number, head, fork }: PullRow, accounts: Accounts): string => {
  const owner = fork === null ? organization.login : accounts.getById(fork).login;
  return `Merge pull request #${number} from ${owner}/${head}`;
};

/** Returns the merge of pull requests. */
export const createMergeService = (work: ServiceContext): MergeService => {
  const { store, events, enqueueEvent, notifyPages, commit } = work;
  const follow = createHeadFollower(work);
  return {
    mergePullRequest: (by, pull, message) => {
      const { number, base, headSha } = pull;
      const result = mergePull(store, pull);
      if ('conflicts' in result) return result;
      const { created, pulls } = commit(() => {
        const ref = toBranchRef(base);
        const parents = [store.refs.get(ref) as string, headSha];
        const created = writeCommit(store.objects, { tree: result.tree, parents, author: by, message });
        store.refs.set(ref, created.sha);
        const at = now();
        store.pulls.setMerged(number, { sha: created.sha, at, by: by.id });
        const issue = store.issues.get(number) as IssueRow;
        store.issues.save({ ...issue, state: 'closed', stateReason: null, closedAt: at, closedBy: by.id });
        enqueueEvent(events.buildConversation('closed', number, by));
        return { created, pulls: follow(by, { name: base, fork: null }, created.sha) };
      });
      [number, ...pulls, ...listOpenInto(store, base)].forEach((issue) =>
        notifyPages({ issue, comment: null }),
      );
      return created;
    },
  };
};
