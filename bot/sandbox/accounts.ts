/** What a person may do on the repository. */
export type Role = 'maintain' | 'write' | 'read';

/** Somebody who writes on the sandbox: one of its people, or the app itself. Ids are fixed, so that they outlive everything. */
export type Account = {
  id: number;
  login: string;
  name: string;
  type: 'User' | 'Bot';
  /** The app has no role: what it may do stands in its installation's permissions. */
  role: Role | null;
  association: 'MEMBER' | 'COLLABORATOR' | 'NONE';
};

export type Person = Account & { type: 'User'; role: Role };

export const repositoryName = 'acme/ops';
export const organisation = { id: 100, login: 'acme' } as const;
export const installationId = 1;

/** The people of the sandbox: one for each role. */
export const people: readonly Person[] = [
  { id: 101, login: 'mona', name: 'Mona Lindqvist', type: 'User', role: 'maintain', association: 'MEMBER' },
  {
    id: 102,
    login: 'octavia',
    name: 'Octavia Okafor',
    type: 'User',
    role: 'write',
    association: 'COLLABORATOR',
  },
  { id: 103, login: 'rhea', name: 'Rhea Castellan', type: 'User', role: 'read', association: 'COLLABORATOR' },
];

export type Accounts = {
  /** The account under which the app's installation writes. */
  bot: Account;
  /** @throws if no account has the id: rows name only accounts that exist */
  byId(id: number): Account;
  /** By login, as GitHub compares logins: in any case. */
  byLogin(login: string): Account | undefined;
};

/** Everybody, the app `slug` among them. */
export const accountsWith = (slug: string): Accounts => {
  const bot: Account = {
    id: 104,
    login: `${slug}[bot]`,
    name: slug,
    type: 'Bot',
    role: null,
    association: 'NONE',
  };
  const all = [...people, bot];
  return {
    bot,
    byId: (id) => {
      const found = all.find((account) => account.id === id);
      if (!found) throw new Error(`No account has the id ${id}`);
      return found;
    },
    byLogin: (login) => all.find((account) => account.login.toLowerCase() === login.toLowerCase()),
  };
};

/** Whether the account may change what others wrote, and the repository's files. */
export const mayWrite = ({ role, type }: Account): boolean =>
  type === 'Bot' || role === 'write' || role === 'maintain';
