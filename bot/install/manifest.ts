/** The app's permissions. All of them are used. */
export const requiredPermissions = {
  /** The policy check on pull requests, and jobs that show as checks. */
  checks: 'write',
  /** The policy, and inputs from the repository. */
  contents: 'read',
  /** Comments and reactions on issues. */
  issues: 'write',
  /** Teams that the policy names. */
  members: 'read',
  metadata: 'read',
  /** Comments and reactions on pull requests. */
  pull_requests: 'write',
} as const;

/** The events that the bot handles. */
export const subscribedEvents = [
  'issue_comment',
  'issues',
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
] as const;

export const appDescription = 'Runs commands that are written in comments, and answers with one reply each.';

/** The URLs at which the app is reached. */
type AppUrls = {
  /** The URL of the set-up page, without a trailing slash. */
  page: string;
  /** The URL to which GitHub delivers webhooks; undefined if there is none, and the bot polls for comments. */
  webhook: string | undefined;
};

/**
 * Returns the manifest of the GitHub App for GitHub's form for new apps. Without a webhook it has no events, because GitHub refuses
 * events that it cannot deliver.
 */
export const buildManifest = ({ page, webhook }: AppUrls): Record<string, unknown> => ({
  name: 'Coxswain',
  url: page,
  description: appDescription,
  public: false,
  redirect_url: `${page}/setup/callback`,
  default_permissions: requiredPermissions,
  ...(webhook === undefined
    ? {}
    : { hook_attributes: { url: webhook, active: true }, default_events: subscribedEvents }),
});
