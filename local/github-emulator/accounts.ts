/** What a person may do on the repository. */
export type RepositoryRole = 'maintain' | 'write' | 'read';

/** Somebody who writes on the sandbox: one of its people, the app, or workflows. Ids are fixed, so that they outlive everything. */
export type GitHubAccount = {
  id: number;
  login: string;
  name: string;
  type: 'User' | 'Bot';
  /** Programs have no role: what the app may do stands in its installation's permissions. */
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

/** The people of the sandbox: each role is there, some are members of the organisation, and some of its teams. */
export const people: readonly PersonAccount[] = [mona, octavia, rhea, priya, tomas];

/** A team of the organisation, of persons that belong to it. */
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

/** Whether somebody belongs to the organisation; the others only work on its repository. */
export const isMember = ({ association }: GitHubAccount): boolean => association === 'MEMBER';

/** Under this account write the repository's workflows, with their own token; the app behind it is GitHub's. */
export const workflowAccount: GitHubAccount = {
  id: 41_898_282,
  login: 'github-actions[bot]',
  name: 'github-actions',
  type: 'Bot',
  role: null,
  association: 'NONE',
};

export type Accounts = {
  /** The account under which the app's installation writes. */
  bot: GitHubAccount;
  /** @throws if no account has the id: rows name only accounts that exist */
  getById(id: number): GitHubAccount;
  /** By login, as GitHub compares logins: in any case. */
  byLogin(login: string): GitHubAccount | undefined;
};

/** Everybody, the app `slug` and workflows among them. */
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

/** Whether the account may change what others wrote, and the repository's files. */
export const mayWrite = ({ role, type }: GitHubAccount): boolean =>
  type === 'Bot' || role === 'write' || role === 'maintain';

/** Whether the account may comment where a conversation is locked: people who may write; an app never. */
export const mayComment = (account: GitHubAccount): boolean => account.type === 'User' && mayWrite(account);

/** Whether the account may edit and delete what an account wrote: its own, or all of it if it may write. */
export const mayChange = (account: GitHubAccount, { author }: { author: number }): boolean =>
  account.id === author || mayWrite(account);
