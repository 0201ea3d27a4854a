import { ProbotOctokit } from 'probot';
import { listen, createWebListener } from '../../runtime/http-server.ts';

export type CannedResponse = { status: number; body?: unknown; headers?: Record<string, string> };

/**
 * Serves GitHub's documented responses by `METHOD path?query` over real HTTP to the real Octokit, and 404 for all other requests.
 * `asked` records the requests, each with its entity tag.
 */
export const serveGitHubApi = async (answers: Record<string, CannedResponse>) => {
  const asked: string[] = [];
  const bodies: unknown[] = [];
  const answer = async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    const call = `${request.method} ${pathname}${search}`;
    const tag = request.headers.get('if-none-match');
    asked.push(tag === null ? call : `${call} unless ${tag}`);
    const text = await request.text();
    if (text !== '') bodies.push(JSON.parse(text));
    const {
      status,
      body = {},
      headers = {},
    } = answers[call] ?? { status: 404, body: { message: 'Not Found' } };
    if (tag !== null && tag === headers['etag']) return new Response(null, { status: 304, headers });
    return Response.json(body, { status, headers });
  };
  const what = 'GitHub’s documented answers';
  const served = await listen(
    createWebListener(answer, (error) => console.error(error)),
    { what, port: 0 },
  );
  const options = { baseUrl: served.url, throttle: { enabled: false }, retry: { enabled: false } };
  return { octokit: new ProbotOctokit(options), answers, asked, bodies, [Symbol.asyncDispose]: served.close };
};

const flags = ['pull', 'triage', 'push', 'maintain', 'admin'] as const;

/**
 * Returns the documented response to "Get repository permissions for a user": GitHub's own example, with these names and flags.
 * @param highest the last flag that is set; null for none
 */
export const collaboratorPermission = (
  { permission, role_name }: { permission: string; role_name: string },
  highest: (typeof flags)[number] | null,
  { id, login } = { id: 7, login: 'mona' },
) => {
  const url = `https://api.github.com/users/${login}`;
  return {
    permission,
    role_name,
    user: {
      login,
      id,
      node_id: 'MDQ6VXNlcjE=',
      avatar_url: `https://github.com/images/error/${login}_happy.gif`,
      gravatar_id: '',
      url,
      html_url: `https://github.com/${login}`,
      followers_url: `${url}/followers`,
      following_url: `${url}/following{/other_user}`,
      gists_url: `${url}/gists{/gist_id}`,
      starred_url: `${url}/starred{/owner}{/repo}`,
      subscriptions_url: `${url}/subscriptions`,
      organizations_url: `${url}/orgs`,
      repos_url: `${url}/repos`,
      events_url: `${url}/events{/privacy}`,
      received_events_url: `${url}/received_events`,
      type: 'User',
      site_admin: false,
      role_name,
      permissions: Object.fromEntries(
        flags.map((flag, n) => [flag, highest !== null && n <= flags.indexOf(highest)]),
      ),
    },
  };
};
