import { people, repositoryName } from './accounts.ts';
import { commitChange, defaultBranch, toBranchRef } from './git/repository.ts';
import type { EmulatorStore } from './store/store.ts';

/** The first issue of a new repository. Its commands are formatted as code, so none of them runs. */
const welcome = {
  title: 'Try it here',
  body: `Write a comment that begins with a command. One reply shows the progress of its job until it ends. For example:

| comment | what happens |
|---|---|
| \`/help\` | shows the commands |
| \`/compute 1000\` | computes 1 000 inputs on a group of workers, which grows and shrinks with the work |
| \`/run Hello who=world\` | runs a task from the catalogue |
| \`/run Report\` | runs a task that delivers a summary, a table and a chart |
| \`/explain run Deploy place=staging version=1.2\` | shows what that command would do, and who can run it |
| \`/run Deploy place=staging version=1.2\` | runs a task that needs approval: request it as tomas, then comment \`/approve\` with the code from the reply as mona or priya |
| \`/lock deploy/staging reason=maintenance\` | makes that task wait, even if it is approved, until \`/unlock deploy/staging\` |
| \`/tasks\` | lists the catalogue |

Below, you can write as any of these people. Try someone with read access, too: their commands are refused. The policy in
\`.github/coxswain.yml\` defines what each person can do; you can change it on this page.
`,
};

/** The first file of each new repository. */
const readme = `# ${repositoryName}

Run jobs here with comments on issues and pull requests. \`.github/coxswain.yml\` defines who can run what; without that file,
the defaults apply.
`;

/**
 * Fills a new store with an issue and files, without sending webhooks.
 * @param files more files of the repository, by their paths
 */
export const seedStore = (store: EmulatorStore, files: Readonly<Record<string, string>> = {}): void => {
  const author = people[0] as (typeof people)[number];
  store.transaction(() => {
    if (store.issues.count() === 0) store.issues.insert({ author: author.id, ...welcome });
    const main = toBranchRef(defaultBranch);
    if (store.refs.get(main) !== undefined) return;
    let head: ReturnType<typeof commitChange> | undefined;
    for (const [path, content] of Object.entries({ 'README.md': readme, ...files })) {
      const change = { path, content: Buffer.from(content) };
      head = commitChange(store.objects, head, change, { author, message: `Begin with ${path}` });
    }
    if (head) store.refs.set(main, head.sha);
  });
};
