/** A person's permission level on the repository. */
export type RepositoryRole = 'maintain' | 'write' | 'read';

/** An account that writes on the emulator: a person, the app, or the workflows. Ids are fixed, so that they stay valid across data folders. */
export type GitHubAccount = {
  id: number;
  login: string;
  name: string;
  type: 'User' | 'Bot';
  /** Null for bots: the permissions of the app are those of its installation. */
  role: RepositoryRole | null;
  association: 'MEMBER' | 'COLLABORATOR' | 'NONE';
};

export type PersonAccount = GitHubAccount & { type: 'User'; role: RepositoryRole };

export const repositoryName = 'acme/ops';
export const organization = { id: 100, login: 'acme' } as const;
export const installationId = 1;

const createPerson = (
  id: number,
  login: string,
  name: string,
  role: RepositoryRole,
  association: PersonAccount['association'],
): PersonAccount => ({ id, login, name, type: 'User', role, association });

const mona = createPerson(101, 'mona', 'Mona Lindqvist', 'maintain', 'MEMBER');
const octavia = createPerson(102, 'octavia', 'Octavia Okafor', 'write', 'MEMBER');
const rhea = createPerson(103, 'rhea', 'Rhea Castellan', 'read', 'COLLABORATOR');
const priya = createPerson(105, 'priya', 'Priya Venkatesan', 'maintain', 'MEMBER');
const tomas = createPerson(106, 'tomas', 'Tomas Lindahl', 'write', 'COLLABORATOR');

/** The people of the emulator: one or more per role; some are members of the organization and of its teams. */
export const people: readonly PersonAccount[] = [mona, octavia, rhea, priya, tomas];

/** A team of the organization. Its members belong to the organization. */
export type OrganizationTeam = {
  id: number;
  slug: string;
  name: string;
  description: string;
  members: readonly PersonAccount[];
};

export const teams: readonly OrganizationTeam[] = [
  { id: 201, slug: 'ops', name: 'Ops', description: 'Runs the machines', members: [mona, octavia] },
  { id: 202, slug: 'oncall', name: 'Oncall', description: 'Answers at night', members: [mona, priya] },
];

/** Returns whether an account belongs to the organization. Others are only collaborators of the repository. */
export const isMember = ({ association }: GitHubAccount): boolean => association === 'MEMBER';

/** The account under which the repository's workflows write, with their own token. It belongs to an app of GitHub's. */
export const workflowAccount: GitHubAccount = {
  id: 41_898_282,
  login: 'github-actions[bot]',
  name: 'github-actions',
  type: 'Bot',
  role: null,
  association: 'NONE',
};

export type Accounts = {
  /** The account under which the installation of the app writes. */
  bot: GitHubAccount;
  /** @throws if no account has the id: rows name only accounts that exist */
  getById(id: number): GitHubAccount;
  /** Finds an account by its login, case-insensitively as on GitHub. */
  byLogin(login: string): GitHubAccount | undefined;
};

/** Returns all accounts, including those of the app `slug` and of workflows. */
export const createAccounts = (slug: string): Accounts => {
  const bot: GitHubAccount = {
    id: 104,
    login: `${slug}[bot]`,
    name: slug,
    type: 'Bot',
    role: null,
    association: 'NONE',
  };
  const all = [...people, bot, workflowAccount];
  return {
    bot,
    getById: (id) => {
      const found = all.find((account) => account.id === id);
      if (!found) throw new Error(`No account has the id ${id}`);
      return found;
    },
    byLogin: (login) => all.find((account) => account.login.toLowerCase() === login.toLowerCase()),
  };
};

/** Returns whether the account may change comments of others and the repository's files. */
export const mayWrite = ({ role, type }: GitHubAccount): boolean =>
  type === 'Bot' || role === 'write' || role === 'maintain';

/** Returns whether the account may comment in a locked conversation: people with write access may, apps may not. */
export const mayComment = (account: GitHubAccount): boolean => account.type === 'User' && mayWrite(account);

/** Returns whether the account may edit and delete a comment: its own, or any if it has write access. */
export const mayChange = (account: GitHubAccount, { author }: { author: number }): boolean =>
  account.id === author || mayWrite(account);
