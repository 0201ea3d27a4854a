import { organization, type GitHubAccount, type OrganizationTeam } from '../accounts.ts';
import type { EmulatorAddresses } from '../addresses.ts';

/** Returns an opaque id, as GitHub's GraphQL API uses them. */
export const buildNodeId = (kind: string, id: number | string): string =>
  Buffer.from(`0${kind.length}:${kind}${id}`).toString('base64url');

/** Serializes an account as GitHub's `simple-user`. */
export const serializeUser = (
  { id, login, type }: Pick<GitHubAccount, 'id' | 'login'> & { type: string },
  { site, api }: EmulatorAddresses,
) => {
  const path = encodeURIComponent(login);
  const url = `${api}/users/${path}`;
  return {
    login,
    id,
    node_id: buildNodeId(type, id),
    avatar_url: `${site}/avatars/${path}.svg`,
    gravatar_id: '',
    url,
    html_url: type === 'Bot' ? `${site}/apps/${path.replace('%5Bbot%5D', '')}` : `${site}/${path}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    user_view_type: 'public',
    site_admin: false,
  };
};

/** Serializes the organization that owns the repository as `simple-user`. */
export const serializeOwner = (addresses: EmulatorAddresses) =>
  serializeUser({ ...organization, type: 'Organization' }, addresses);

/** Serializes the organization as in webhooks: `organization-simple`. */
export const serializeOrganization = ({ site, api }: EmulatorAddresses) => {
  const url = `${api}/orgs/${organization.login}`;
  return {
    login: organization.login,
    id: organization.id,
    node_id: buildNodeId('Organization', organization.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${site}/avatars/${organization.login}.svg`,
    description: 'The people who operate the machines.',
  };
};

/** Serializes a team as GitHub's `team-full`. */
export const serializeTeam = (
  { id, slug, name, description, members }: OrganizationTeam,
  addresses: EmulatorAddresses,
  createdAt: string,
) => {
  const url = `${buildTeamsUrl(addresses)}/${slug}`;
  const organization = serializeOrganization(addresses);
  return {
    id,
    node_id: buildNodeId('Team', id),
    url,
    html_url: `${addresses.site}/orgs/${organization.login}/teams/${slug}`,
    name,
    slug,
    description,
    privacy: 'closed',
    notification_setting: 'notifications_enabled',
    permission: 'pull',
    members_url: `${url}/members{/member}`,
    repositories_url: `${url}/repos`,
    type: 'organization',
    organization_id: organization.id,
    parent: null,
    members_count: members.length,
    repos_count: 1,
    created_at: createdAt,
    updated_at: createdAt,
    organization: {
      ...organization,
      html_url: `${addresses.site}/${organization.login}`,
      is_verified: false,
      has_organization_projects: false,
      has_repository_projects: false,
      public_repos: 0,
      public_gists: 0,
      followers: 0,
      following: 0,
      type: 'Organization',
      created_at: createdAt,
      updated_at: createdAt,
      archived_at: null,
    },
  };
};

const buildTeamsUrl = ({ api }: EmulatorAddresses): string => `${api}/orgs/${organization.login}/teams`;

/** Serializes a membership as GitHub's `team-membership`. */
export const serializeMembership = (
  { slug }: OrganizationTeam,
  { login }: GitHubAccount,
  addresses: EmulatorAddresses,
) => ({
  state: 'active',
  role: 'member',
  url: `${buildTeamsUrl(addresses)}/${slug}/memberships/${login}`,
});

/** Serializes an account as GitHub's `public-user`; with `privateProfile`, as `private-user`. */
export const serializeProfile = (
  account: GitHubAccount,
  addresses: EmulatorAddresses,
  createdAt: string,
) => ({
  ...serializeUser(account, addresses),
  name: account.name,
  company: null,
  blog: '',
  location: null,
  email: null,
  hireable: null,
  bio: null,
  twitter_username: null,
  public_repos: 0,
  public_gists: 0,
  followers: 0,
  following: 0,
  created_at: createdAt,
  updated_at: createdAt,
});

/** The fields of a profile that only the account itself sees. */
export const privateProfile = {
  private_gists: 0,
  total_private_repos: 1,
  owned_private_repos: 0,
  disk_usage: 0,
  collaborators: 0,
  two_factor_authentication: true,
};
