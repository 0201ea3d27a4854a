import * as v from 'valibot';
import { requireSecureAddress } from '../inputs/secure-address.ts';
import { maskSecret } from '../inputs/mask-secrets.ts';

/** Source: https://docs.github.com/actions/reference/security/oidc#methods-for-requesting-the-oidc-token */
const IdTokenResponse = v.object({ value: v.pipe(v.string(), v.nonEmpty()) });

/** Requests a new OIDC token of the workflow's job for an audience. @throws Error if GitHub issues none before `until` aborts */
export type IdTokenSource = (audience: string, until: AbortSignal) => Promise<string>;

/**
 * Returns a function that requests and masks an OIDC token of the workflow's job; undefined if the job has no permission for it. A token
 * is valid for five minutes. @actions/core could request it, too, but with an HTTP client that every step would load.
 */
export const getIdTokenSource = (environment: NodeJS.ProcessEnv): IdTokenSource | undefined => {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = environment;
  if (!url || !bearer) return undefined;
  maskSecret(bearer);
  requireSecureAddress("The runner's ACTIONS_ID_TOKEN_REQUEST_URL", url, environment);
  return async (audience, until) => {
    const response = await fetch(`${url}&audience=${encodeURIComponent(audience)}`, {
      headers: { authorization: `Bearer ${bearer}` },
      redirect: 'error',
      signal: until,
    });
    const body = v.safeParse(IdTokenResponse, await response.json().catch(() => undefined));
    if (!body.success) throw new Error(`GitHub answered ${response.status} without a token`);
    maskSecret(body.output.value);
    return body.output.value;
  };
};
