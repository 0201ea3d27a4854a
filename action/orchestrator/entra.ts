import { AzureAuthorityHosts, ClientAssertionCredential, type AccessToken } from '@azure/identity';
import * as v from 'valibot';
import { maskSecret } from '../inputs/mask-secrets.ts';
import type { IdTokenSource } from './id-token.ts';

/*
 * Loaded only by steps that call the orchestrator as an Entra application: the library is half as large as the rest of the bundle.
 */

/** The Entra application that a workflow's job calls as, and the audience of its tokens. */
export type EntraTokenRequest = {
  tenant: string;
  client: string;
  /** The URI or id of the application that is called. */
  audience: string;
};

type EntraOptions = {
  requestIdToken: IdTokenSource;
  /** Ends the first attempt. */
  until: AbortSignal;
  /** The Entra of another cloud. It is trusted without instance discovery, because the public cloud may be unreachable. */
  authority: string | undefined;
};

/** The source of access tokens, or the reason of Entra's refusal. */
type EntraResult =
  | { outcome: 'open'; token: (until: AbortSignal) => Promise<string> }
  | { outcome: 'refused'; reason: string };

/**
 * The audience of the OIDC token that the job presents.
 * Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust#github-actions
 */
const exchangeAudience = 'api://AzureADTokenExchange';

/** An access token is replaced this many milliseconds before it expires. */
const refreshMargin = 5 * 60_000;

/** Opens a token source for an Entra application that trusts the workflow. A refusal is detected immediately; without an answer, the source is open. */
export const openEntra = async (call: EntraTokenRequest, options: EntraOptions): Promise<EntraResult> => {
  let lastResponse: EntraResponse | undefined;
  const recordResponse = (response: EntraResponse): void => {
    lastResponse = response;
  };
  const token = createAccessTokenSource(call, options, recordResponse);
  try {
    await token(options.until);
  } catch {
    const reason = getRefusalReason(lastResponse);
    if (reason !== undefined) return { outcome: 'refused', reason };
  }
  return { outcome: 'open', token };
};

/**
 * Returns a function that exchanges the job's OIDC token, which it requests for each exchange, for an access token, which it caches until
 * shortly before it expires.
 */
const createAccessTokenSource = (
  call: EntraTokenRequest,
  { requestIdToken, authority }: EntraOptions,
  onResponse: (response: EntraResponse) => void,
): ((until: AbortSignal) => Promise<string>) => {
  let idToken: Promise<string> | undefined;
  let exchangeSignal: AbortSignal;
  const getAssertion = () => (idToken ??= requestIdToken(exchangeAudience, exchangeSignal));
  const credential = new ClientAssertionCredential(call.tenant, call.client, getAssertion, {
    authorityHost: authority ?? AzureAuthorityHosts.AzurePublicCloud,
    disableInstanceDiscovery: authority !== undefined,
    // The caller retries.
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ position: 'perCall', policy: observeResponses(onResponse) }],
  });
  let accessToken: AccessToken | undefined;
  return async (until) => {
    if (!accessToken || accessToken.expiresOnTimestamp < Date.now() + refreshMargin) {
      // The library requests the assertion several times per exchange.
      idToken = undefined;
      exchangeSignal = until;
      accessToken = await credential.getToken(`${call.audience}/.default`, { abortSignal: until });
      maskSecret(accessToken.token);
    }
    return accessToken.token;
  };
};

/** A response of Entra. */
type EntraResponse = { status: number; bodyAsText?: string | null };

type CredentialOptions = NonNullable<ConstructorParameters<typeof ClientAssertionCredential>[3]>;
type PipelinePolicy = NonNullable<CredentialOptions['additionalPolicies']>[number]['policy'];

/** Reports each response: the library's errors do not contain it. */
const observeResponses = (onResponse: (response: EntraResponse) => void): PipelinePolicy => ({
  name: 'observe-responses',
  sendRequest: async (request, next) => {
    const response = await next(request);
    onResponse(response);
    return response;
  },
});

/** Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#error-response */
const Refusal = v.pipe(v.string(), v.parseJson(), v.object({ error_description: v.string() }));

/** Returns the reason of Entra's refusal; undefined if it did not refuse or the error is transient. */
const getRefusalReason = (answer: EntraResponse | undefined): string | undefined => {
  if (!answer || answer.status < 400 || answer.status >= 500) return undefined;
  if (answer.status === 408 || answer.status === 429) return undefined;
  const refusal = v.safeParse(Refusal, answer.bodyAsText);
  return refusal.success ? refusal.output.error_description : `status ${answer.status}`;
};
