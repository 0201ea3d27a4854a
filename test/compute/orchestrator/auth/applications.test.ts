import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { application, client, startEntraIssuer, tenant, toV1Claims } from '../../../fakes/entra-issuer.ts';
import { openTestAuthenticator } from '../../../fixtures/orchestrator/test-authenticator.ts';
import {
  audience,
  startTokenIssuer,
  type ClaimOverrides,
  type TokenIssuer,
} from '../../../fakes/token-issuer.ts';

let entra: TokenIssuer;
let issuer: TokenIssuer;
beforeAll(async () => {
  [entra, issuer] = await Promise.all([startEntraIssuer(), startTokenIssuer()]);
});
afterEach(() => {
  entra.state.down = false;
});
afterAll(() => Promise.all([entra.close(), issuer.close()]));

const rule = { tenant, clientId: client, repositories: [74], scopes: ['start', 'read'] };
const workflows = { repositoryId: '74', scopes: ['read'] };
const open = (trust: object[] = [rule]) => openTestAuthenticator({ issuer, entra, trust });
const seconds = (from: number) => Math.floor(Date.now() / 1_000) + from;

describe('a token of a trusted application', () => {
  test.each<[string, (entra: TokenIssuer) => ClaimOverrides]>([
    ['v2.0', () => ({})],
    ['v1.0', toV1Claims],
    ['v1.0, for the id of the audience', (from) => ({ ...toV1Claims(from), aud: application })],
    ['whose ids are in upper case', () => ({ azp: client.toUpperCase(), tid: tenant.toUpperCase() })],
    ['that has ended within the difference of clocks', () => ({ exp: seconds(-10) })],
  ])('%s opens', async (_what, given) => {
    const { admission } = await open().withToken(await entra.token(given(entra)));
    expect(admission).toMatchObject({
      ok: true,
      caller: { kind: 'guest', repositories: { ids: [74] }, grants: [{ scopes: ['start', 'read'] }] },
    });
  });

  test('has access to all repositories if its rule names none', async () => {
    const { repositories: _, ...wide } = rule;
    const { admission } = await open([wide]).withToken(await entra.token());
    expect(admission).toMatchObject({ ok: true, caller: { repositories: undefined } });
  });

  test('has the grants of all rules for it, and of no other', async () => {
    const trust = [
      { ...rule, scopes: ['read'] },
      { ...rule, clientId: client.toUpperCase(), scopes: ['approve'], tasks: ['Hello'] },
      { ...rule, clientId: application, scopes: ['start'] },
      workflows,
    ];
    const { admission } = await open(trust).withToken(await entra.token());
    expect(admission).toMatchObject({
      caller: { grants: [{ scopes: ['read'] }, { scopes: ['approve'], tasks: ['Hello'] }] },
    });
  });
});

describe('the response to a valid token of another application contains its claims', () => {
  const another = '99990000-ffff-1111-aaaa-2222bbbb3333';
  test.each<[string, (entra: TokenIssuer) => ClaimOverrides, RegExp]>([
    ['another application', () => ({ azp: another }), RegExp(`no rule trusts ver 2.0, azp ${another}, tid`)],
    [
      'another application, v1.0',
      (from) => ({ ...toV1Claims(from), appid: another }),
      RegExp(`appid ${another}`),
    ],
    ['a user', () => ({ idtyp: 'user', scp: 'access_as_user' }), /idtyp app.*idtyp user, scp access_as_user/],
    ['a user, and nothing says so', () => ({ idtyp: null, scp: 'access_as_user' }), /idtyp app.*scp/],
    ['a user, v1.0', (from) => ({ ...toV1Claims(from), idtyp: null, scp: 'x' }), /idtyp app.*scp x/],
    [
      'a user, and it says something else',
      () => ({ scp: 'access_as_user' }),
      /idtyp app.*scp access_as_user/,
    ],
    [
      'it is not told who',
      () => ({ idtyp: null }),
      /the token must be of an application itself \(idtyp app\)/,
    ],
  ])('%s', async (_what, given, words) => {
    const { status, body } = await open().withToken(await entra.token(given(entra)));
    expect([status, body]).toEqual([403, expect.stringMatching(words)]);
  });
});

describe('no token', () => {
  const token =
    (given: ClaimOverrides = {}) =>
    () =>
      entra.token(given);
  const forged = async () => {
    const { privateKey } = await generateKeyPair('RS256');
    return entra.token({}, { key: privateKey });
  };
  const confused = async () =>
    new SignJWT(entra.buildClaims())
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .sign(Buffer.from(await entra.publicPem()));
  const changed = async () => {
    const [head, , signature] = (await entra.token({ azp: application })).split('.');
    const body = Buffer.from(JSON.stringify(entra.buildClaims())).toString('base64url');
    return `${head}.${body}.${signature}`;
  };

  test.each<[string, () => Promise<string> | string, string]>([
    ['signed by another', forged, 'wrong signature'],
    ['changed after it was signed', changed, 'wrong signature'],
    ['signed with the public key as a secret', confused, 'wrong algorithm'],
    ['without a signature', () => new UnsecuredJWT(entra.buildClaims()).encode(), 'wrong algorithm'],
    ['of an unknown key', () => entra.token({}, { kid: 'another' }), 'unknown key'],
    ['that has ended', token({ exp: seconds(-60) }), 'expired'],
    ['that never ends', token({ exp: null }), 'wrong claim exp'],
    ['not valid yet', token({ nbf: seconds(60) }), 'not valid yet'],
    ['for another audience', token({ aud: client }), 'wrong audience'],
    ['for the audience of workflows', token({ aud: audience }), 'wrong audience'],
    ['for no audience', token({ aud: null }), 'wrong audience'],
    ['of another tenant than its issuer', token({ tid: application }), 'claims'],
    ['of no tenant', token({ tid: null }), 'claims'],
    ['of no application', token({ azp: null }), 'claims'],
    ['of no version', token({ ver: null }), 'claims'],
    [
      'v1.0 of the issuer of v2.0',
      () => entra.token({ ...toV1Claims(entra), iss: entra.buildClaims().iss }),
      'claims',
    ],
    ['v2.0 of the issuer of v1.0', () => entra.token({ iss: toV1Claims(entra)['iss'] }), 'claims'],
  ])('%s', async (_what, made, reason) => {
    const { withToken, enter } = open();
    const given = await made();
    const answer = await withToken(given);
    expect(answer).toMatchObject({ status: 401, reason });
    expect(answer.log).not.toContain(given);
    const none = await enter({});
    expect(answer.body).toBe(none.body);
  });

  test('of a tenant without a rule is accepted, and no keys are fetched for it', async () => {
    const { asked } = entra.state;
    const given = await entra.token({ iss: `${entra.url}/${application}/v2.0`, tid: application });
    expect(await open().withToken(given)).toMatchObject({ status: 401, reason: 'no workflow is trusted' });
    expect(entra.state.asked).toBe(asked);
  });
});

describe('two issuers', () => {
  test('each has its own keys', async () => {
    const { withToken } = open([rule, workflows]);
    const [ofEntra, ofGitHub] = [await entra.token(), await issuer.token()];
    const who = async (token: string) => (await withToken(token)).admission;
    expect(await who(ofEntra)).toMatchObject({ caller: { grants: [{ scopes: ['start', 'read'] }] } });
    expect(await who(ofGitHub)).toMatchObject({ caller: { grants: [{ scopes: ['read'] }] } });
  });

  test.each<[string, object, () => Promise<string>, string]>([
    ['a workflow where applications alone are trusted', rule, () => issuer.token(), 'no workflow is trusted'],
    ['an application where workflows alone are', workflows, () => entra.token(), 'wrong signature'],
  ])('%s', async (_what, only, made, reason) => {
    expect(await open([only]).withToken(await made())).toMatchObject({ status: 401, reason });
  });

  test.each<[string, () => Promise<string>]>([
    [
      'GitHub signs what Entra would say',
      () => issuer.token({ ...entra.buildClaims(), repository_id: '74' }),
    ],
    ['Entra signs what GitHub would say', () => entra.token({ ...issuer.buildClaims(), tid: tenant })],
  ])('neither speaks for the other: %s', async (_what, made) => {
    const answer = await open([rule, workflows]).withToken(await made());
    expect(answer).toMatchObject({ status: 401, reason: 'wrong signature' });
  });
});

describe('the keys of Entra', () => {
  test('are fetched once for each version of tokens', async () => {
    const { withToken } = open();
    const { asked } = entra.state;
    for (const given of [{}, {}, toV1Claims(entra), toV1Claims(entra)])
      expect(await withToken(await entra.token(given))).toMatchObject({ status: 200 });
    expect(entra.state.asked).toBe(asked + 2);
  });

  test('cannot be fetched: the token gets 503', async () => {
    entra.state.down = true;
    const { withToken } = open();
    const answer = await withToken(await entra.token());
    expect(answer).toMatchObject({ status: 503, reason: 'the issuer cannot be reached' });
  });
});
