import { repositoryName, type GitHubAccount } from '../accounts.ts';
import type { EmulatorAddresses } from '../addresses.ts';
import { defaultBranch } from '../git/repository.ts';
import { buildNodeId, serializeOwner, serializeUser } from './user.ts';

/** The addresses of the parts of a repository, relative to the repository. */
const parts = {
  forks_url: '/forks',
  keys_url: '/keys{/key_id}',
  collaborators_url: '/collaborators{/collaborator}',
  teams_url: '/teams',
  hooks_url: '/hooks',
  issue_events_url: '/issues/events{/number}',
  events_url: '/events',
  assignees_url: '/assignees{/user}',
  branches_url: '/branches{/branch}',
  tags_url: '/tags',
  blobs_url: '/git/blobs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  git_refs_url: '/git/refs{/sha}',
  trees_url: '/git/trees{/sha}',
  statuses_url: '/statuses/{sha}',
  languages_url: '/languages',
  stargazers_url: '/stargazers',
  contributors_url: '/contributors',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  commits_url: '/commits{/sha}',
  git_commits_url: '/git/commits{/sha}',
  comments_url: '/comments{/number}',
  issue_comment_url: '/issues/comments{/number}',
  contents_url: '/contents/{+path}',
  compare_url: '/compare/{base}...{head}',
  merges_url: '/merges',
  archive_url: '/{archive_format}{/ref}',
  downloads_url: '/downloads',
  issues_url: '/issues{/number}',
  pulls_url: '/pulls{/number}',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  labels_url: '/labels{/name}',
  releases_url: '/releases{/id}',
  deployments_url: '/deployments',
};

/** The fields that never change. */
const fixedFields = {
  name: repositoryName.split('/')[1] as string,
  full_name: repositoryName,
  private: true,
  description: 'Run jobs with comments.',
  fork: false,
  homepage: null,
  size: 0,
  stargazers_count: 0,
  watchers_count: 0,
  language: null,
  has_issues: true,
  has_projects: false,
  has_downloads: false,
  has_wiki: false,
  has_pages: false,
  has_discussions: false,
  forks_count: 0,
  mirror_url: null,
  disabled: false,
  license: null,
  allow_forking: false,
  is_template: false,
  web_commit_signoff_required: false,
  topics: [],
  custom_properties: {},
  visibility: 'private',
  forks: 0,
  watchers: 0,
  default_branch: defaultBranch,
};

export type RepositoryRecord = { id: number; createdAt: string; issues: number; archived: boolean };

/** Serializes the repository as in webhooks and lists. */
export const serializeRepository = (
  { id, createdAt, issues, archived }: RepositoryRecord,
  addresses: EmulatorAddresses,
) => {
  const url = `${addresses.api}/repos/${repositoryName}`;
  const page = `${addresses.site}/${repositoryName}`;
  return {
    id,
    node_id: buildNodeId('Repository', id),
    owner: serializeOwner(addresses),
    url,
    html_url: page,
    ...Object.fromEntries(Object.entries(parts).map(([name, path]) => [name, url + path])),
    git_url: `${page.replace(/^http/, 'git')}.git`,
    ssh_url: `git@localhost:${repositoryName}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    created_at: createdAt,
    updated_at: createdAt,
    pushed_at: createdAt,
    open_issues_count: issues,
    open_issues: issues,
    archived,
    ...fixedFields,
  };
};

/** Serializes an account's fork of the repository. Its id is derived from the ids of the repository and the owner. */
export const serializeFork = (
  facts: RepositoryRecord,
  owner: GitHubAccount,
  addresses: EmulatorAddresses,
) => {
  const own = serializeRepository(facts, addresses);
  const name = `${owner.login}/${own.name}`;
  const moved = Object.entries(own).map(([field, value]) => [
    field,
    typeof value === 'string' ? value.replace(repositoryName, name) : value,
  ]);
  const id = facts.id * 1_000 + owner.id;
  return {
    ...own,
    ...(Object.fromEntries(moved) as typeof own),
    id,
    node_id: buildNodeId('Repository', id),
    owner: serializeUser(owner, addresses),
    fork: true,
  };
};

/** Serializes the repository as GitHub's `full-repository`. */
export const serializeFullRepository = (
  facts: RepositoryRecord,
  addresses: EmulatorAddresses,
  reader: GitHubAccount,
) => ({
  ...serializeRepository(facts, addresses),
  organization: serializeOwner(addresses),
  permissions: toPermissions(reader),
  subscribers_count: 0,
  network_count: 0,
});

/** Returns the account's permissions as flags. A bot has no role, so no flag is set; its installation defines its permissions. */
const toPermissions = ({ role }: GitHubAccount) => ({
  admin: false,
  maintain: role === 'maintain',
  push: role === 'maintain' || role === 'write',
  triage: role === 'maintain' || role === 'write',
  pull: role !== null,
});

/** Serializes a person's permission level. `permission` has no `maintain`, `role_name` does. */
export const serializePermission = (account: GitHubAccount, addresses: EmulatorAddresses) => ({
  permission: account.role === 'maintain' ? 'write' : (account.role ?? 'none'),
  role_name: account.role ?? 'none',
  user: {
    ...serializeUser(account, addresses),
    permissions: toPermissions(account),
    role_name: account.role ?? 'none',
  },
});
