import type { GitHubAccount } from '../accounts.ts';
import { now } from '../store/database.ts';
import type { ObjectRows } from '../store/objects.ts';

type Signature = { name: string; email: string; date: string };
export type Commit = {
  sha: string;
  tree: string;
  parents: readonly string[];
  author: Signature;
  message: string;
};

const mailHost = 'users.noreply.localhost';

/** Returns the account's id from its address, which contains it as GitHub's `noreply` addresses do. */
export const parseAccountId = ({ email }: Signature): number => Number.parseInt(email, 10);

/** Writes a commit in git's format. Its name is the one that git would give it. */
export const writeCommit = (
  objects: ObjectRows,
  {
    tree,
    parents,
    author,
    message,
  }: { tree: string; parents: readonly string[]; author: GitHubAccount; message: string },
): Commit => {
  const date = now();
  const email = `${author.id}+${author.login}@${mailHost}`;
  const by = `${author.name} <${email}> ${Date.parse(date) / 1000} +0000`;
  const head = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${by}`,
    `committer ${by}`,
  ];
  const sha = objects.put('commit', Buffer.from(`${head.join('\n')}\n\n${message}`));
  return { sha, tree, parents, author: { name: author.name, email, date }, message };
};

/** Returns the commit with a name, if it exists. */
export const readCommit = (objects: ObjectRows, sha: string): Commit | undefined => {
  const found = objects.get(sha);
  if (found?.kind !== 'commit') return undefined;
  const text = found.content.toString('utf8');
  const end = text.indexOf('\n\n');
  const fields = text.slice(0, end).split('\n').map(parseField);
  const getValues = (name: string) => fields.filter(([field]) => field === name).map(([, value]) => value);
  return {
    sha,
    tree: getValues('tree')[0] as string,
    parents: getValues('parent'),
    author: parseSignature(getValues('author')[0] as string),
    message: text.slice(end + 2),
  };
};

const parseField = (line: string): [string, string] => {
  const space = line.indexOf(' ');
  return [line.slice(0, space), line.slice(space + 1)];
};

const parseSignature = (text: string): Signature => {
  const [, name = '', email = '', seconds = '0'] = /^(.*) <(.*)> (\d+) /.exec(text) ?? [];
  return { name, email, date: new Date(Number(seconds) * 1000).toISOString().replace(/\.\d+Z$/, 'Z') };
};
