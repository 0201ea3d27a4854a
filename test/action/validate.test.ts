import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { listen, webListener, type Served } from '../../runtime/serve.ts';
import { commandsIn, runStep, type Ended } from './step.ts';

/* `mode: validate` reads the policy of the pull request's own head. */

const head = 'b'.repeat(40);
let policy: string | undefined;
let github: Served;

/** Git's objects as GitHub's API has them: a commit with `.github/coxswain.yml`. */
const answer = (request: Request): Response => {
  const { pathname } = new URL(request.url);
  const entry = (path: string, mode: string, sha: string, size?: number) =>
    Response.json({ truncated: false, tree: [{ path, mode, sha, size }] });
  if (pathname.endsWith(`/git/trees/${head}`)) return entry('.github', '040000', 'folder');
  const size = Buffer.byteLength(policy ?? '');
  if (pathname.endsWith('/git/trees/folder'))
    return entry(policy === undefined ? 'other.yml' : 'coxswain.yml', '100644', 'file', size);
  if (pathname.endsWith('/git/blobs/file'))
    return Response.json({ content: Buffer.from(policy ?? '').toString('base64'), encoding: 'base64', size });
  return Response.json({ message: 'Not Found' }, { status: 404 });
};

beforeEach(async () => {
  const onFault = (error: unknown) => console.error(error);
  github = await listen(
    webListener((request) => Promise.resolve(answer(request)), onFault),
    { what: 'a stand-in', port: 0 },
  );
});

afterEach(() => github.close());

const validated = (): Promise<Ended> =>
  runStep({
    inputs: { mode: 'validate' },
    environment: { GITHUB_API_URL: github.url, GITHUB_EVENT_NAME: 'pull_request' },
    event: { pull_request: { head: { sha: head } } },
  });

test('a right policy passes', async () => {
  policy = 'version: 1\n';
  expect(await validated()).toMatchObject({ code: 0, said: expect.stringContaining('is right') });
});

test('each mistake is an annotation at its line', async () => {
  policy = 'version: 1\nentrie: app\n';
  const { code, said } = await validated();
  expect(code).toBe(1);
  expect(commandsIn(said).find((line) => line.startsWith('::error'))).toMatch(
    /^::error file=\.github\/coxswain\.yml,line=2,col=1::.*entrie/,
  );
});

test('without a policy there is nothing wrong', async () => {
  policy = undefined;
  expect(await validated()).toMatchObject({ code: 0, said: expect.stringContaining('the defaults hold') });
});
