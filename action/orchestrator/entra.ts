import { AzureAuthorityHosts, ClientAssertionCredential, type AccessToken } from '@azure/identity';
import * as v from 'valibot';
import { maskSecret } from '../inputs/mask-secrets.ts';
import type { IdTokenSource } from './id-token.ts';

/*
 * Loaded only by steps that call the orchestrator as an application of Entra: the library is as large as half of the rest.
 */

/** Which application of Entra a workflow's job calls as, and for whom its tokens are. */
export type EntraTokenRequest = {
  tenant: string;
  client: string;
  /** The application that is called, by its URI or its id. */
  audience: string;
};

type EntraOptions = {
  requestIdToken: IdTokenSource;
  /** Ends the first try. */
  until: AbortSignal;
  /** Another cloud's Entra. Who names one trusts it: the public cloud's, which may be out of reach, is not asked about it. */
  authority: string | undefined;
};

/** What gives the token for a call, or Entra's words on why it gives none. */
type EntraResult =
  | { outcome: 'open'; token: (until: AbortSignal) => Promise<string> }
  | { outcome: 'refused'; reason: string };

/**
 * The audience of the token that the job proves itself with.
 * Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust#github-actions
 */
const exchangeAudience = 'api://AzureADTokenExchange';

/** A token that ends within so many milliseconds is not used any more. */
const refreshMargin = 5 * 60_000;

/** Calls as an application of Entra that trusts the workflow. Whether Entra refuses is tried at once; if nobody answers, it is open. */
export const openEntra = async (call: EntraTokenRequest, options: EntraOptions): Promise<EntraResult> => {
  let lastResponse: EntraResponse | undefined;
  const recordResponse = (answer: EntraResponse): void => {
    lastResponse = answer;
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
 * The job's own OIDC token, asked for anew for each exchange, is exchanged for an access token, which is kept until shortly before
 * it ends.
 */
const createAccessTokenSource = (
  call: EntraTokenRequest,
  { requestIdToken, authority }: EntraOptions,
  onResponse: (answer: EntraResponse) => void,
): ((until: AbortSignal) => Promise<string>) => {
  let idToken: Promise<string> | undefined;
  let exchangeSignal: AbortSignal;
  const getAssertion = () => (idToken ??= requestIdToken(exchangeAudience, exchangeSignal));
  const credential = new ClientAssertionCredential(call.tenant, call.client, getAssertion, {
    authorityHost: authority ?? AzureAuthorityHosts.AzurePublicCloud,
    disableInstanceDiscovery: authority !== undefined,
    // Whoever calls tries again.
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ position: 'perCall', policy: observeResponses(onResponse) }],
  });
  let accessToken: AccessToken | undefined;
  return async (until) => {
    if (!accessToken || accessToken.expiresOnTimestamp < Date.now() + refreshMargin) {
      // The library asks for it several times an exchange, and would also if it had kept the access token itself.
      idToken = undefined;
      exchangeSignal = until;
      accessToken = await credential.getToken(`${call.audience}/.default`, { abortSignal: until });
      maskSecret(accessToken.token);
    }
    return accessToken.token;
  };
};

/** What Entra has answered. */
type EntraResponse = { status: number; bodyAsText?: string | null };

type CredentialOptions = NonNullable<ConstructorParameters<typeof ClientAssertionCredential>[3]>;
type PipelinePolicy = NonNullable<CredentialOptions['additionalPolicies']>[number]['policy'];

/** Tells of each answer: the library's errors do not say which of them it was. */
const observeResponses = (onResponse: (answer: EntraResponse) => void): PipelinePolicy => ({
  name: 'hearing',
  sendRequest: async (request, next) => {
    const answer = await next(request);
    onResponse(answer);
    return answer;
  },
});

/** Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#error-response */
const Refusal = v.pipe(v.string(), v.parseJson(), v.object({ error_description: v.string() }));

/** Entra's words, if it has refused; undefined if it has not, or that may pass. */
const getRefusalReason = (answer: EntraResponse | undefined): string | undefined => {
  if (!answer || answer.status < 400 || answer.status >= 500) return undefined;
  if (answer.status === 408 || answer.status === 429) return undefined;
  const refusal = v.safeParse(Refusal, answer.bodyAsText);
  return refusal.success ? refusal.output.error_description : `status ${answer.status}`;
};
