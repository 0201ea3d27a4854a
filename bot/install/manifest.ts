/** What the app may do: nothing that is not used. */
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

export const subscribedEvents = ['issue_comment', 'pull_request'] as const;

export const appDescription = 'Runs commands that are written in comments, and answers with one reply each.';

/** Where the app is to be reached. */
export type AppUrls = {
  /** Where the set-up page is, without a slash at its end. */
  page: string;
  /** Where GitHub can deliver webhooks; undefined: nowhere, then the bot looks for comments by itself. */
  webhook: string | undefined;
};

/**
 * The manifest of the GitHub App, as GitHub's form for new apps takes it. Without a webhook it names no events either: GitHub
 * refuses events that it could deliver nowhere.
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
