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
| \`/explain run Deploy place=staging version=1.2\` | see what that would do, and who may |
| \`/run Deploy place=staging version=1.2\` | a task that waits until somebody else approves it: ask as tomas, then write \`/approve\` and the code from the reply as mona or priya |
| \`/lock deploy/staging reason=maintenance\` | such a task waits, approved or not, until \`/unlock deploy/staging\` |
| \`/tasks\` | see the catalogue |

You may write as anybody below. Who only reads the repository starts nothing: try that, too. What each may do stands in the
policy, \`.github/coxswain.yml\`: change it on this page.
`,
};

/** The file that each new repository begins with. */
const readme = `# ${repositoryName}

Work is asked for here, in comments on issues and pull requests. Who may ask for what stands in \`.github/coxswain.yml\`; where
there is no such file, the defaults hold.
`;

/**
 * Puts into a new store what it begins with, without telling the app: an issue, and files.
 * @param files more files of the repository, by their paths
 */
export const seed = (store: Store, files: Readonly<Record<string, string>> = {}): void => {
  const author = people[0] as (typeof people)[number];
  store.atomically(() => {
    if (store.issues.count() === 0) store.issues.insert({ author: author.id, ...welcome });
    const main = refOf(defaultBranch);
    if (store.refs.get(main) !== undefined) return;
    let head: ReturnType<typeof commitChange> | undefined;
    for (const [path, content] of Object.entries({ 'README.md': readme, ...files })) {
      const change = { path, content: Buffer.from(content) };
      head = commitChange(store.objects, head, change, { author, message: `Begin with ${path}` });
    }
    if (head) store.refs.set(main, head.sha);
  });
};
