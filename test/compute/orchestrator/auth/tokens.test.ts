import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { openTestAuthenticator } from '../../../fixtures/orchestrator/test-authenticator.ts';
import {
  startTokenIssuer,
  workflow,
  type ClaimOverrides,
  type TokenIssuer,
} from '../../../fakes/token-issuer.ts';

let issuer: TokenIssuer;
beforeAll(async () => {
  issuer = await startTokenIssuer();
});
afterEach(() => {
  issuer.state.down = false;
});
afterAll(() => issuer.close());

const rule = { repositoryId: '74', scopes: ['start', 'read'] };
const seconds = (from: number) => Math.floor(Date.now() / 1_000) + from;

describe('a token of a trusted workflow', () => {
  test.each([
    ['with the classic subject', {}],
    ['with the immutable subject', { sub: 'repo:octo-org@65/octo-repo@74:ref:refs/heads/main' }],
    ['of a repository that has another name by now', { repository: 'new/name', sub: 'repo:new/name:x' }],
    ['for several audiences', { aud: ['another', 'https://coxswain.example'] }],
    ['that has ended within the difference of clocks', { exp: seconds(-10) }],
  ])('%s opens', async (_what, given) => {
    const { withToken } = openTestAuthenticator({ issuer, trust: [rule] });
    const { admission } = await withToken(await issuer.token(given));
    expect(admission).toMatchObject({
      ok: true,
      caller: { kind: 'guest', repositories: { host: '127.0.0.1', ids: [74] }, grants: [rule] },
    });
  });
});

describe('no token', () => {
  const forged = async () => {
    const { privateKey } = await generateKeyPair('RS256');
    return issuer.token({}, { key: privateKey });
  };
  const changed = async () => {
    const [head, , signature] = (await issuer.token()).split('.');
    const body = Buffer.from(JSON.stringify(issuer.buildClaims({ repository_id: '75' }))).toString(
      'base64url',
    );
    return `${head}.${body}.${signature}`;
  };
  const confused = async () =>
    new SignJWT(issuer.buildClaims())
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .sign(Buffer.from(await issuer.publicPem()));
  const withOwnKey = async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    return new SignJWT(issuer.buildClaims()).setProtectedHeader({ alg: 'RS256', jwk }).sign(privateKey);
  };
  const token = (given: ClaimOverrides) => () => issuer.token(given);

  test.each<[string, () => Promise<string> | string, string]>([
    ['signed by another', forged, 'wrong signature'],
    ['changed after it was signed', changed, 'wrong signature'],
    ['signed with the public key as a secret', confused, 'wrong algorithm'],
    ['that brings its own key', withOwnKey, 'wrong signature'],
    ['without a signature', () => new UnsecuredJWT(issuer.buildClaims()).encode(), 'wrong algorithm'],
    ['of an unknown key', () => issuer.token({}, { kid: 'another' }), 'unknown key'],
    ['that has ended', token({ exp: seconds(-60) }), 'expired'],
    ['that never ends', token({ exp: null }), 'wrong claim exp'],
    ['not valid yet', token({ nbf: seconds(60) }), 'not valid yet'],
    ['for another audience', token({ aud: 'https://coxswain.example/' }), 'wrong audience'],
    ['for no audience', token({ aud: null }), 'wrong audience'],
    ['of another issuer', token({ iss: 'https://token.actions.githubusercontent.com' }), 'wrong issuer'],
    ['of no repository', token({ repository_id: null }), 'claims'],
    ['whose repository is no number', token({ repository_id: 74 }), 'claims'],
    ['that is none', () => 'gibberish', 'not a token'],
  ])('%s', async (_what, made, reason) => {
    const { withToken } = openTestAuthenticator({ issuer, trust: [rule] });
    const given = await made();
    const answer = await withToken(given);
    expect(answer).toMatchObject({ status: 401, reason });
    expect(answer.body).not.toContain(reason);
    expect(answer.log).not.toContain(given);
    const none = await openTestAuthenticator({ issuer, trust: [rule] }).enter({});
    expect(answer.body).toBe(none.body);
  });

  test('is accepted if no workflow is trusted, and the issuer gets no request', async () => {
    const asked = issuer.state.asked;
    const { withToken } = openTestAuthenticator({ issuer });
    expect(await withToken(await issuer.token())).toMatchObject({ status: 401 });
    expect(issuer.state.asked).toBe(asked);
  });
});

describe('a rule', () => {
  const reusable = 'octo-org/shared/.github/workflows/reusable.yml@refs/tags/v1.2';
  const yes = 200;
  const no = 403;

  test.each<[what: string, more: object, claims: ClaimOverrides, status: number]>([
    ['another repository', {}, { repository_id: '75' }, no],
    ['the ref', { ref: 'refs/heads/main' }, {}, yes],
    ['another ref', { ref: 'refs/heads/main' }, { ref: 'refs/heads/main2' }, no],
    ['no ref', { ref: 'refs/heads/main' }, { ref: null }, no],
    ['a ref by *', { ref: 'refs/tags/v*' }, { ref: 'refs/tags/v1.2' }, yes],
    ['* is no folder', { ref: 'refs/heads/release*' }, { ref: 'refs/heads/release/1' }, no],
    ['** is', { ref: 'refs/heads/release/**' }, { ref: 'refs/heads/release/1/x' }, yes],
    ['a dot is a dot', { ref: 'refs/tags/v1.2' }, { ref: 'refs/tags/v1x2' }, no],
    ['a ref with a name of JavaScript', { ref: 'refs/*valueOf' }, { ref: 'refs/valueOf' }, yes],
    ['a ref of two lines', { ref: 'refs/heads/main' }, { ref: 'refs/heads/main\n' }, no],
    ['the environment', { environment: 'production' }, { environment: 'production' }, yes],
    ['another environment', { environment: 'production' }, { environment: 'staging' }, no],
    ['no environment', { environment: 'production' }, {}, no],
    ['the event', { eventName: ['schedule', 'workflow_dispatch'] }, {}, yes],
    ['another event', { eventName: ['schedule'] }, {}, no],
    ['the workflow at any ref', { workflowRef: workflow }, { workflow_ref: `${workflow}@refs/heads/x` }, yes],
    ['the workflow at its ref', { workflowRef: `${workflow}@refs/heads/main` }, {}, yes],
    [
      'the workflow at another ref',
      { workflowRef: `${workflow}@refs/heads/main` },
      { workflow_ref: `${workflow}@refs/heads/x`, job_workflow_ref: `${workflow}@refs/heads/x` },
      no,
    ],
    [
      'a reusable workflow',
      { workflowRef: reusable.replace(/@.*/, '@refs/tags/v*') },
      { job_workflow_ref: reusable },
      yes,
    ],
    ['another workflow', { workflowRef: workflow.replace('deploy', 'other') }, {}, no],
    [
      'a file whose name begins with that of the workflow',
      { workflowRef: workflow },
      { workflow_ref: `${workflow}@x.yml@refs/heads/main`, job_workflow_ref: null },
      no,
    ],
    [
      'a branch with the name of the workflow',
      { workflowRef: workflow },
      { workflow_ref: `${workflow.replace('deploy', 'evil')}@${workflow}@x`, job_workflow_ref: null },
      no,
    ],
  ])('asks for %s', async (_what, more, claims, status) => {
    const { withToken } = openTestAuthenticator({ issuer, trust: [{ ...rule, ...more }] });
    expect(await withToken(await issuer.token(claims))).toMatchObject({ status });
  });

  test('one match is enough, and all matches count', async () => {
    const trust = [
      { ...rule, ref: 'refs/heads/other' },
      { ...rule, scopes: ['read'] },
      { ...rule, scopes: ['start'], tasks: ['Hello'] },
    ];
    const { admission } = await openTestAuthenticator({ issuer, trust }).withToken(await issuer.token());
    expect(admission).toMatchObject({
      caller: {
        grants: [
          { scopes: ['read'], tasks: [] },
          { scopes: ['start'], tasks: ['Hello'] },
        ],
      },
    });
  });

  test('without a match, the response contains the caller’s claims', async () => {
    const trust = [{ ...rule, repositoryId: '1' }];
    const { status, body } = await openTestAuthenticator({ issuer, trust }).withToken(await issuer.token());
    expect([status, body]).toEqual([403, expect.stringContaining('repository_id 74, ref refs/heads/main')]);
  });
});

describe('the keys of the issuer', () => {
  test('are fetched once, again for a new key, and a revoked key is rejected', async () => {
    const { withToken } = openTestAuthenticator({ issuer, trust: [rule], times: { cooldown: 0 } });
    const before = await issuer.token();
    const { asked } = issuer.state;
    expect(await withToken(before)).toMatchObject({ status: 200 });
    expect(await withToken(before)).toMatchObject({ status: 200 });
    expect(issuer.state.asked).toBe(asked + 1);

    await issuer.addKey('second');
    const after = await issuer.token();
    expect(await withToken(after)).toMatchObject({ status: 200 });
    expect(await withToken(before)).toMatchObject({ status: 200 });
    expect(issuer.state.asked).toBe(asked + 2);

    await issuer.addKey('third', { alone: true });
    expect(await withToken(await issuer.token())).toMatchObject({ status: 200 });
    expect(await withToken(after)).toMatchObject({ status: 401, reason: 'unknown key' });
  });

  test('are not fetched for each unknown key', async () => {
    const { withToken } = openTestAuthenticator({ issuer, trust: [rule] });
    const { asked } = issuer.state;
    for (const kid of ['a', 'b', 'c'])
      expect(await withToken(await issuer.token({}, { kid }))).toMatchObject({ status: 401 });
    expect(issuer.state.asked).toBe(asked + 1);
  });

  test('that are cached stay valid while the issuer is down; others get 503', async () => {
    const times = { maxAge: 0, cooldown: 0, retryDelay: 0 };
    const { withToken } = openTestAuthenticator({ issuer, trust: [rule], times });
    const known = await issuer.token();
    expect(await withToken(known)).toMatchObject({ status: 200 });

    issuer.state.down = true;
    expect(await withToken(known)).toMatchObject({ status: 200 });
    expect(await withToken(await issuer.token({ aud: 'x' }))).toMatchObject({ status: 401 });
    await issuer.addKey('new');
    const unknown = await issuer.token();
    const { status, reason, admission } = await withToken(unknown);
    expect([status, reason]).toEqual([503, 'the issuer cannot be reached']);
    expect(admission.ok ? '' : admission.response.headers.get('retry-after')).toBe('10');

    issuer.state.down = false;
    expect(await withToken(unknown)).toMatchObject({ status: 200 });
  });

  test('expire while the issuer is down', async () => {
    const { withToken } = openTestAuthenticator({
      issuer,
      trust: [rule],
      times: { maxAge: 0, retryDelay: 0, maxStale: 0 },
    });
    const known = await issuer.token();
    expect(await withToken(known)).toMatchObject({ status: 200 });
    issuer.state.down = true;
    expect(await withToken(known)).toMatchObject({ status: 503 });
  });

  test('an issuer that is down from the start does not get a request for each call', async () => {
    issuer.state.down = true;
    const { withToken } = openTestAuthenticator({ issuer, trust: [rule] });
    const { asked } = issuer.state;
    for (let call = 0; call < 3; call += 1)
      expect(await withToken(await issuer.token())).toMatchObject({ status: 503 });
    expect(issuer.state.asked).toBe(asked + 1);
  });
});
