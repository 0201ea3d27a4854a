import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { listen, createWebListener, type RunningServer } from '../../runtime/http-server.ts';
import { FakeGitHub } from '../fakes/fake-github.ts';
import { runStep } from '../fixtures/action/step-process.ts';

/* Without a key, the step requests the job's own token for each call. */

let issuer: RunningServer;
let orchestrator: RunningServer;
let github: FakeGitHub;
const audiences: (string | null)[] = [];
const bearers: (string | null)[] = [];

const open = (answer: (request: Request) => Response): Promise<RunningServer> =>
  listen(
    createWebListener(
      (request) => Promise.resolve(answer(request)),
      (error) => console.error(error),
    ),
    { what: 'a stand-in', port: 0 },
  );

beforeEach(async () => {
  audiences.length = 0;
  bearers.length = 0;
  github = await new FakeGitHub().open();
  github.permissions.set('mona', { permission: 'write', role_name: 'write' });
  issuer = await open((request) => {
    expect(request.headers.get('authorization')).toBe('Bearer ask-me');
    audiences.push(new URL(request.url).searchParams.get('audience'));
    return Response.json({ value: `token-${audiences.length}` });
  });
  orchestrator = await open((request) => {
    bearers.push(request.headers.get('authorization'));
    if (request.url.endsWith('/api/leases')) return Response.json({});
    return Response.json(
      { error: { code: 'not-found', message: 'no' } },
      { status: bearers.length > 2 ? 401 : 404 },
    );
  });
});

afterEach(() => Promise.all([issuer.close(), orchestrator.close(), github.close()]));

const step = (inputs: object = {}) =>
  runStep({
    inputs: { compute: '10', 'orchestrator-url': `${orchestrator.url}/`, ...inputs },
    environment: {
      GITHUB_API_URL: github.url,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer.url}/token?api-version=2`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'ask-me',
    },
  });

test('its audience is the orchestrator’s address, and each call has a new one', async () => {
  const { said } = await step();
  expect(new Set(audiences)).toEqual(new Set([orchestrator.url]));
  expect(bearers.length).toBeGreaterThan(1);
  expect(new Set(bearers).size).toBe(bearers.length);
  expect(said).toContain('::add-mask::token-1');
  expect(said.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain('token-1');
});

test('its audience is the configured one', async () => {
  await step({ audience: 'coxswain' });
  expect(new Set(audiences)).toEqual(new Set(['coxswain']));
});
