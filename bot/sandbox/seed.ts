import { people } from './accounts.ts';
import type { Store } from './store/index.ts';

/** The issue that a new sandbox begins with. Its commands stand in code, so none of them runs. */
const welcome = {
  title: 'Try it here',
  body: `Write a comment that begins with a command, and one reply follows its job to the end. For example:

| write | and |
|---|---|
| \`/help\` | see what there is |
| \`/compute 1000\` | 1 000 inputs are worked on by a crew of workers, which grows and shrinks with the work |
| \`/run Hello who=world\` | a task of the catalogue runs once |
| \`/tasks\` | see the catalogue |

You may write as anybody below. Who only reads the repository starts nothing: try that, too.
`,
};

/** Opens the first issue of a new store, without telling the app. */
export const openFirstIssue = (store: Store): void => {
  const [maintainer] = people;
  if (maintainer && store.issues.count() === 0) store.issues.insert({ author: maintainer.id, ...welcome });
};
