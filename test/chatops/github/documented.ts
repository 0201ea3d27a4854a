import { ProbotOctokit } from 'probot';
import { listen, webListener } from '../../../runtime/serve.ts';

export type Documented = { status: number; body?: unknown; headers?: Record<string, string> };

/**
 * GitHub's documented answers by `METHOD path?query`, over real HTTP to the real Octokit; what is not given is a 404. `asked` are
 * the requests that came, each with the tag that it names.
 */
export const documented = async (answers: Record<string, Documented>) => {
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
    webListener(answer, (error) => console.error(error)),
    { what, port: 0 },
  );
  const options = { baseUrl: served.url, throttle: { enabled: false }, retry: { enabled: false } };
  return { octokit: new ProbotOctokit(options), answers, asked, bodies, [Symbol.asyncDispose]: served.close };
};
