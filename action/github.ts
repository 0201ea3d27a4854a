import * as v from 'valibot';
import { createOctokitCheckRuns } from '../chatops/github/check-runs.ts';
import { createOctokitCodeOwners } from '../chatops/github/code-owners.ts';
import { createOctokitFiles } from '../chatops/github/files.ts';
import type { Identity } from '../chatops/github/identity.ts';
import { ReplyCache } from '../chatops/github/reply-cache.ts';
import { request, isNotFoundOrForbidden, type Octokit } from '../chatops/github/api-client.ts';
import { createOctokitPermissions } from '../chatops/github/permissions.ts';
import { createPolicyLoader } from '../chatops/github/policy-loader.ts';
import type { CheckRuns, Thread } from '../chatops/github/ports.ts';
import type { ThreadRef } from '../chatops/incoming-comment.ts';
import { createOctokitThread } from '../chatops/github/thread.ts';
import { createOctokitVisibility } from '../chatops/github/visibility.ts';
import type { CommandPorts } from '../chatops/command-context.ts';
import { InputError, type ActionInputs } from './inputs/inputs.ts';

/** The GitHub API as a step uses it. */
export type ActionGitHub = Pick<
  CommandPorts,
  'permissions' | 'visibility' | 'policies' | 'codeOwners' | 'files'
> & {
  octokit: Octokit;
  /** The account that the token writes as. */
  identity: Identity;
  checks: CheckRuns;
  at(thread: ThreadRef): Thread;
};

/** Opens the GitHub API with the step's tokens. @param until returns the signal that ends a new call @throws InputError */
export const openGitHub = (
  inputs: Pick<ActionInputs, 'github-token' | 'org-token'>,
  until: () => AbortSignal,
): ActionGitHub => {
  const octokit = createLazyOctokit(inputs['github-token'], until);
  const orgToken = inputs['org-token'];
  const members = createOctokitPermissions(octokit);
  const teams =
    orgToken === undefined ? undefined : createOctokitPermissions(createLazyOctokit(orgToken, until));
  const identity = createTokenIdentity(octokit);
  const replyCache = new ReplyCache();
  return {
    octokit,
    identity,
    at: (thread) => createOctokitThread(thread, { octokit, identity, replyCache }),
    permissions: {
      getLevel: (repository, person) => members.getLevel(repository, person),
      // For a workflow's own token, GitHub answers as if no team existed.
      getMembership: async (team, person) => (teams ? teams.getMembership(team, person) : 'unreadable'),
    },
    visibility: createOctokitVisibility(octokit),
    policies: createPolicyLoader(octokit),
    codeOwners: createOctokitCodeOwners(octokit),
    files: createOctokitFiles(octokit),
    checks: createOctokitCheckRuns(octokit, null),
  };
};

/** Returns a client whose code is loaded with the first call. @throws InputError */
const createLazyOctokit = (token: string | undefined, until: () => AbortSignal): Octokit => {
  if (token === undefined)
    throw new InputError([
      'Input github-token: expected a token, received nothing. Remove the input to use the workflow’s own token.',
    ]);
  let client: Promise<Octokit> | undefined;
  return {
    request: async (route, parameters) => {
      client ??= import('@actions/github').then(({ getOctokit }) =>
        getOctokit(token, { request: { fetch: fetchWithBody(until) } }),
      );
      return (await client).request(route, parameters);
    },
  };
};

/** Fetches a response with its complete body: Octokit treats a response whose body breaks off as one without a body. */
const fetchWithBody =
  (until: () => AbortSignal): typeof fetch =>
  async (url, init) => {
    const signals = init?.signal ? [init.signal, until()] : [until()];
    const response = await fetch(url, { ...init, signal: AbortSignal.any(signals) });
    const body = response.body && (await response.arrayBuffer());
    return new Response(body, response);
  };

/** The account that all workflows of a repository write as. */
const workflowsLogin = 'github-actions[bot]';

/** Returns the identity of a token: its user, or the bot of workflows, whose token cannot read its own user. */
const createTokenIdentity = (octokit: Octokit): Identity => {
  let login: Promise<string> | undefined;
  const getLogin = (): Promise<string> => {
    login ??= request(octokit, v.object({ login: v.string() }), 'GET /user').then(
      (user) => user.login,
      (error: unknown) => {
        if (isNotFoundOrForbidden(error)) return workflowsLogin;
        throw error;
      },
    );
    // A failure is not cached.
    login.catch(() => (login = undefined));
    return login;
  };
  return { isOwn: async ({ user }) => user !== null && user.login === (await getLogin()) };
};
