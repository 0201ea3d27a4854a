import { installationId, organisation } from '../accounts.ts';
import type { Addresses } from '../addresses.ts';
import { nodeId, ownerShape } from './user.ts';

export type AppFacts = { id: number; slug: string; createdAt: string };

/** What the app may do, and which events it is sent. */
export const appPermissions = {
  checks: 'write',
  contents: 'read',
  issues: 'write',
  members: 'read',
  metadata: 'read',
  pull_requests: 'write',
} as const;
const events = ['issue_comment', 'issues', 'pull_request'];

/** The app as GitHub's `integration`. */
export const appShape = ({ id, slug, createdAt }: AppFacts, addresses: Addresses) => ({
  id,
  slug,
  node_id: nodeId('Integration', id),
  client_id: clientIdOf(id),
  owner: ownerShape(addresses),
  name: slug,
  description: '',
  external_url: addresses.site,
  html_url: `${addresses.site}/apps/${slug}`,
  created_at: createdAt,
  updated_at: createdAt,
  permissions: appPermissions,
  events,
});

/** The app's client id, which may stand for its id in a token. */
export const clientIdOf = (id: number): string => `Iv1.${id.toString(16).padStart(16, '0')}`;

/** The app's one installation, on the organisation. */
export const installationShape = ({ id, slug, createdAt }: AppFacts, addresses: Addresses) => ({
  id: installationId,
  client_id: clientIdOf(id),
  account: ownerShape(addresses),
  repository_selection: 'selected',
  access_tokens_url: `${addresses.api}/app/installations/${installationId}/access_tokens`,
  repositories_url: `${addresses.api}/installation/repositories`,
  html_url: `${addresses.site}/organizations/${organisation.login}/settings/installations/${installationId}`,
  app_id: id,
  app_slug: slug,
  target_id: organisation.id,
  target_type: 'Organization',
  permissions: appPermissions,
  events,
  created_at: createdAt,
  updated_at: createdAt,
  single_file_name: null,
  has_multiple_single_files: false,
  single_file_paths: [],
  suspended_by: null,
  suspended_at: null,
});

/** The installation as webhooks name it. */
export const simpleInstallationShape = () => ({
  id: installationId,
  node_id: nodeId('Installation', installationId),
});
