import { changesBetween, commonCommit, historyOf, type FileChange } from '../git/history.ts';
import type { CheckRun } from '../store/checks.ts';
import type { Comment } from '../store/comments.ts';
import type { Store } from '../store/store.ts';
import type { Issue } from '../store/issues.ts';
import type { Pull } from '../store/pulls.ts';
import { checkShape } from './check.ts';
import { commentShape, issueShape, type Surroundings } from './conversation.ts';
import { fullPullShape, pullShape } from './pull.ts';
import type { RepositoryFacts } from './repository.ts';

/** What is kept, in GitHub's forms, with all that belongs to it. */
export type Shapes = {
  facts: () => RepositoryFacts;
  issue: (issue: Issue) => ReturnType<typeof issueShape>;
  comment: (comment: Comment) => ReturnType<typeof commentShape>;
  pull: (pull: Pull) => ReturnType<typeof pullShape>;
  fullPull: (pull: Pull) => ReturnType<typeof fullPullShape>;
  /** The files that a pull request changes. */
  filesOf: (pull: Pull) => FileChange[];
  check: (run: CheckRun) => ReturnType<typeof checkShape>;
};

/** The shapes of what a store holds. */
export const shapesOf = (store: Store, surroundings: Surroundings): Shapes => {
  const { repositoryId: id, createdAt } = store.settings;
  const facts = () => ({
    id,
    createdAt,
    issues: store.issues.count('open'),
    archived: store.settings.archived(),
  });
  const partsOf = (pull: Pull) => {
    const issue = store.issues.get(pull.number);
    if (!issue) throw new Error(`Pull request ${pull.number} has no conversation`);
    return { pull, issue, labels: store.labels.of(pull.number), facts: facts() };
  };
  const commonOf = ({ base, baseSha, headSha }: Pull): string | undefined =>
    commonCommit(store.objects, store.refs.get(`refs/heads/${base}`) ?? baseSha, headSha);
  const filesOf = (pull: Pull) => changesBetween(store.objects, commonOf(pull), pull.headSha);
  const commitsOf = (pull: Pull): number => {
    const common = commonOf(pull);
    const known = common === undefined ? [] : historyOf(store.objects, common);
    return historyOf(store.objects, pull.headSha).length - known.length;
  };
  return {
    facts,
    issue: (issue) => issueShape(issue, store.labels.of(issue.number), surroundings),
    comment: (comment) => commentShape(comment, store.reactions.list(comment.id), surroundings),
    pull: (pull) => pullShape(partsOf(pull), surroundings),
    fullPull: (pull) =>
      fullPullShape(partsOf(pull), { commits: commitsOf(pull), files: filesOf(pull) }, surroundings),
    filesOf,
    check: (run) => checkShape(run, store.pulls.openAt(run.sha), id, surroundings),
  };
};
