import * as v from 'valibot';
import { parseJson } from '../../contracts/problem.ts';
import type { PlatformFile } from '../../local/platform/platform-file.ts';
import { GitHubCallError } from './github-client.ts';

const Answer = v.object({ code: v.string() });

/**
 * Returns a page's address with a new code of the running platform, which signs in the browser that opens it.
 * @throws GitHubCallError
 */
export const createSignInAddress = async ({ github }: PlatformFile, page: string): Promise<string> => {
  const response = await fetch(`${github.url}/sign-in/codes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${github.signInKey}` },
    signal: AbortSignal.timeout(10_000),
  }).catch((cause: unknown) => {
    throw new GitHubCallError('The platform is no longer responding.', { cause });
  });
  const answer = parseJson(Answer, await response.text());
  if (!answer.ok)
    throw new GitHubCallError(
      `Could not get a sign-in address: the platform responded with ${response.status}.`,
    );
  const address = new URL(page);
  address.searchParams.set('code', answer.value.code);
  return address.href;
};
