import { people, repositoryName } from './accounts.ts';
import { commitChange, defaultBranch, refOf } from './git/index.ts';
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

/** The file that a new repository begins with. It has no policy: then the defaults hold. */
const readme = `# ${repositoryName}

Work is asked for here, in comments on issues and pull requests. Who may ask for what stands in \`.github/coxswain.yml\`; as long as
there is no such file, the defaults hold.
`;

/** Puts into a new store what it begins with, without telling the app: an issue, and a commit. */
export const seed = (store: Store): void => {
  const author = people[0] as (typeof people)[number];
  store.atomically(() => {
    if (store.issues.count() === 0) store.issues.insert({ author: author.id, ...welcome });
    const main = refOf(defaultBranch);
    if (store.refs.get(main) !== undefined) return;
    const first = { path: 'README.md', content: Buffer.from(readme) };
    store.refs.set(main, commitChange(store.objects, undefined, first, { author, message: 'Begin' }).sha);
  });
};
