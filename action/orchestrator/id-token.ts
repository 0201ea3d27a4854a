import { setSecret } from '@actions/core';
import * as v from 'valibot';

/** Source: https://docs.github.com/actions/reference/security/oidc#methods-for-requesting-the-oidc-token */
const Answer = v.object({ value: v.pipe(v.string(), v.nonEmpty()) });

/** The longest wait for an answer, in milliseconds. */
const timeout = 8_000;

/**
 * What asks for a new OIDC token of the workflow's job, for an audience, and masks it; undefined if the job may not have one. Such
 * a token lives for five minutes. @actions/core asks, too, but by a client of HTTP of its own, which every step would load.
 */
export const idTokenOf = (
  environment: NodeJS.ProcessEnv,
): ((audience: string) => Promise<string>) | undefined => {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = environment;
  if (!url || !bearer) return undefined;
  return async (audience) => {
    const response = await fetch(`${url}&audience=${encodeURIComponent(audience)}`, {
      headers: { authorization: `Bearer ${bearer}` },
      signal: AbortSignal.timeout(timeout),
    });
    const answer = v.safeParse(Answer, await response.json().catch(() => undefined));
    if (!answer.success) throw new Error(`GitHub answered ${response.status} without a token`);
    setSecret(answer.output.value);
    return answer.output.value;
  };
};
