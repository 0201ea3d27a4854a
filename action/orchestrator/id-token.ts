import * as v from 'valibot';
import { requireSecureAddress } from '../inputs/secure-address.ts';
import { maskSecret } from '../inputs/mask-secrets.ts';

/** Source: https://docs.github.com/actions/reference/security/oidc#methods-for-requesting-the-oidc-token */
const IdTokenResponse = v.object({ value: v.pipe(v.string(), v.nonEmpty()) });

/** A new OIDC token of the workflow's job, for an audience. @throws Error if there is none to be had `until` then */
export type IdTokenSource = (audience: string, until: AbortSignal) => Promise<string>;

/**
 * What asks for a new OIDC token of the workflow's job, for an audience, and masks it; undefined if the job may not have one. Such
 * a token lives for five minutes. @actions/core asks, too, but by a client of HTTP of its own, which every step would load.
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
