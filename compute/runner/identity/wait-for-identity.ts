import * as v from 'valibot';
import { retry } from '../../../runtime/async/retry.ts';
import type { NotStarted } from '../script/fetch-script.ts';

/** Where the runner asks for tokens of managed identities, and for how long. */
export type IdentitySource = {
  /** The address and key of the container's own token endpoint (`IDENTITY_ENDPOINT` and `IDENTITY_HEADER`), if it has one. */
  endpoint: string | undefined;
  header: string | undefined;
  waitSeconds: number;
};

const attemptMilliseconds = 5_000;
const backoff = { minMilliseconds: 250, maxMilliseconds: 5_000 };

/**
 * Waits until a managed identity can get a token: in a new container group, its endpoint can come up after the container. The token is
 * discarded. Returns why the script must not start; undefined if it can, or if `stop` was aborted.
 */
export const waitForIdentity = async (
  clientId: string,
  source: IdentitySource,
  stop: AbortSignal,
): Promise<NotStarted | undefined> => {
  const timeout = AbortSignal.timeout(source.waitSeconds * 1_000);
  const signal = AbortSignal.any([stop, timeout]);
  const { url, headers } = buildTokenRequest(clientId, source);
  let cause = 'its endpoint did not answer';
  const attempt = () =>
    requestToken(url, headers, signal).catch((error: unknown) => {
      // The last attempt often has no answer, because the time is up.
      if (error instanceof TokenRefusedError) cause = error.message;
      throw error;
    });
  try {
    await retry(attempt, { backoff, signal });
    return undefined;
  } catch {
    return stop.aborted ? undefined : toUnavailable(clientId, source, cause);
  }
};

const toUnavailable = (clientId: string, { waitSeconds }: IdentitySource, cause: string): NotStarted => {
  return {
    reason: 'identity-unavailable',
    message: `The managed identity ${clientId} got no token within ${waitSeconds} s: ${cause}. Start the task again; if it fails again, check that this identity still exists and that the setting COXSWAIN_RUNNER_IDENTITIES names its client ID.`,
  };
};

/** The endpoint answered, but not with a token. The message contains nothing from its body. */
class TokenRefusedError extends Error {
  override name = 'TokenRefusedError';
}

/** The scope of Azure Resource Manager: every identity gets its tokens, even without any role. */
const resource = 'https://management.azure.com/';

/** The instance metadata service. Source: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token */
const metadataAddress = 'http://169.254.169.254/metadata/identity/oauth2/token';

const buildTokenRequest = (
  clientId: string,
  { endpoint, header }: IdentitySource,
): { url: URL; headers: Record<string, string> } => {
  const isOwn = endpoint !== undefined && header !== undefined;
  const url = new URL(isOwn ? endpoint : metadataAddress);
  // The versions that MSAL uses, and with it the Azure CLI.
  url.searchParams.set('api-version', isOwn ? '2019-08-01' : '2018-02-01');
  url.searchParams.set('resource', resource);
  url.searchParams.set('client_id', clientId);
  return { url, headers: { Metadata: 'true', ...(isOwn && { 'X-IDENTITY-HEADER': header }) } };
};

const TokenAnswer = v.object({ access_token: v.pipe(v.string(), v.minLength(1)) });

/** @throws Error if there is no token yet: an identity that has not arrived is refused like one that does not exist */
const requestToken = async (
  url: URL,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<void> => {
  const response = await fetch(url, {
    headers,
    // The key must not go anywhere else.
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(attemptMilliseconds)]),
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new TokenRefusedError(`its endpoint answered ${response.status}`);
  if (!v.is(TokenAnswer, body)) throw new TokenRefusedError('its endpoint answered without a token');
};
