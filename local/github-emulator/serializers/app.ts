import { installationId, organization } from '../accounts.ts';
import type { EmulatorAddresses } from '../addresses.ts';
import { buildNodeId, serializeOwner } from './user.ts';

export type AppRecord = { id: number; slug: string; createdAt: string };

/** The permissions of the app. */
export const appPermissions = {
  checks: 'write',
  contents: 'read',
  issues: 'write',
  members: 'read',
  metadata: 'read',
  pull_requests: 'write',
} as const;
const events = [
  'issue_comment',
  'issues',
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
];

/** Serializes the app as GitHub's `integration`. */
export const serializeApp = ({ id, slug, createdAt }: AppRecord, addresses: EmulatorAddresses) => ({
  id,
  slug,
  node_id: buildNodeId('Integration', id),
  client_id: toClientId(id),
  owner: serializeOwner(addresses),
  name: slug,
  description: '',
  external_url: addresses.site,
  html_url: `${addresses.site}/apps/${slug}`,
  created_at: createdAt,
  updated_at: createdAt,
  permissions: appPermissions,
  events,
});

/** Returns the app's client id, which a token may contain instead of its id. */
export const toClientId = (id: number): string => `Iv1.${id.toString(16).padStart(16, '0')}`;

/** Serializes the app's only installation, which is on the organization. */
export const serializeInstallation = ({ id, slug, createdAt }: AppRecord, addresses: EmulatorAddresses) => ({
  id: installationId,
  client_id: toClientId(id),
  account: serializeOwner(addresses),
  repository_selection: 'selected',
  access_tokens_url: `${addresses.api}/app/installations/${installationId}/access_tokens`,
  repositories_url: `${addresses.api}/installation/repositories`,
  html_url: `${addresses.site}/organizations/${organization.login}/settings/installations/${installationId}`,
  app_id: id,
  app_slug: slug,
  target_id: organization.id,
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

/** Serializes the installation as in webhooks. */
export const serializeSimpleInstallation = () => ({
  id: installationId,
  node_id: buildNodeId('Installation', installationId),
});
