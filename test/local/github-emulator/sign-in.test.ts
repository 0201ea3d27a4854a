import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import { createBrowserSessions } from '../../../local/github-emulator/page/sessions.ts';
import { maskSecrets } from '../../../runtime/log.ts';
import { sendRawRequest } from '../../fixtures/raw-request.ts';
import {
  createUserClient,
  createApiClient,
  openTestEmulator,
  signIn,
  createTemporaryFolder,
  readFormToken,
  type ApiClient,
} from '../../fixtures/github-emulator.ts';

const issue = '/acme/ops/issues/1';
const comments = `${issue}/comments`;

describe('pages without a session', () => {
  const { folder, remove } = createTemporaryFolder();
  const another = createTemporaryFolder();
  let emulator: GitHubEmulator;
  let visit: ApiClient;
  let cookie: string;
  let token: string;
  let comment: number;

  beforeAll(async () => {
    emulator = await openTestEmulator(folder);
    const visitor = createApiClient(emulator);
    visit = (method, path, body, headers) => visitor(method, emulator.url + path, body, headers);
    cookie = await signIn(emulator);
    token = readFormToken(await visit('GET', issue, undefined, { cookie }));
    const made = await createUserClient(emulator, 'write')('POST', '/repos/acme/ops/issues/1/comments', {
      body: 'private',
    });
    comment = (made.body as { id: number }).id;
  });
  afterAll(async () => {
    await emulator.close();
    remove();
    another.remove();
  });
  const written = async (): Promise<string> =>
    JSON.stringify(
      (await createUserClient(emulator, 'read')('GET', '/repos/acme/ops/issues/1/comments')).body,
    );
  const send = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    visit('POST', path, String(new URLSearchParams(fields)), {
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    });
  const forged = { as: 'mona', body: 'forged' };

  test('say in one sentence how to sign in, and show nothing else', async () => {
    for (const path of [
      '/',
      '/acme/ops',
      '/acme/ops/issues',
      issue,
      `${issue}/overview`,
      '/acme/ops/pull/1',
      `${comments}/${comment}/card`,
      `${comments}/${comment}/edit`,
      '/acme/ops/blob/main/.github/coxswain.yml',
      '/ACME/OPS/issues/1',
      `${issue}?as=mona`,
    ]) {
      const { status, text } = await visit('GET', path);
      expect([path, status]).toEqual([path, 403]);
      expect(text).toContain('<p>Run <code>npm run say -- --open</code> in a terminal');
      expect(text).not.toMatch(/private|name="token"|Try it here/);
    }
    expect((await visit('GET', '/assets/page.css')).status).toBe(200);
  });

  test('accept no form, with any token', async () => {
    expect((await send(comments, { ...forged, token })).status).toBe(403);
    expect(
      (await send(comments, { ...forged, token }, { authorization: `Bearer ${emulator.signInKey}` })).status,
    ).toBe(403);
    for (const path of [
      `${comments}/${comment}/edit`,
      `${comments}/${comment}/delete`,
      `${issue}/state`,
      '/acme/ops/issues',
    ])
      expect((await send(path, { ...forged, title: 'x', state: 'closed', token })).status).toBe(403);
    expect(await written()).not.toContain('forged');
  });

  test('accept no form of a session without its token', async () => {
    const other = await signIn(emulator);
    const otherToken = readFormToken(await visit('GET', issue, undefined, { cookie: other }));
    expect(otherToken).not.toBe(token);
    for (const wrong of [
      {},
      { token: '' },
      { token: otherToken },
      { token: token.slice(1) },
      { token: `${token}0` },
    ])
      expect((await send(comments, { ...forged, ...wrong }, { cookie })).status).toBe(403);
    expect(await written()).not.toContain('forged');
    expect((await send(comments, { ...forged, body: 'meant', token }, { cookie })).status).toBe(303);
    expect(await written()).toContain('meant');
  });

  test('accept only their own cookies: no changed, old, invented or foreign ones', async () => {
    const elsewhere = await openTestEmulator(another.folder);
    const foreign = await signIn(elsewhere);
    await elsewhere.close();
    const [name = '', value = ''] = cookie.split('=');
    const [end = '', chance = '', user = '', signature = ''] = value.split('_');
    const later = (Number.parseInt(end, 36) + 1_000).toString(36);
    for (const wrong of [
      foreign,
      `${name}=${foreign.split('=')[1]}`,
      `${name}=`,
      `${name}=${end}_${chance}_${user}_${'0'.repeat(64)}`,
      `${name}=${later}_${chance}_${user}_${signature}`,
      `${name}=${end}_${'0'.repeat(32)}_${user}_${signature}`,
      `${name}=${end}_${chance}_${Number(user) + 1}_${signature}`,
      `${name}=${end}_${chance}__${signature}`,
      `${name}x=${value}`,
      `other=1; x${cookie}`,
    ])
      expect([wrong, (await visit('GET', issue, undefined, { cookie: wrong })).status]).toEqual([wrong, 403]);
    // A page at another port may add cookies with the same name, which must not sign the user out.
    expect((await visit('GET', issue, undefined, { cookie: `${name}=x; a=b;${cookie}` })).status).toBe(200);
  });

  test('start a session with a code, once, with a redirect that removes the code from the address', async () => {
    const address = new URL(emulator.signInAddress());
    const path = address.pathname + address.search;
    expect((await visit('HEAD', path)).status).toBe(403);
    const first = await visit('GET', path);
    expect([first.status, first.headers.get('location')]).toEqual([303, issue]);
    expect(first.headers.get('set-cookie')).toMatch(
      /^coxswain_\d{9}=[\w]+; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
    );
    const again = await visit('GET', path);
    expect([again.status, again.headers.get('set-cookie')]).toEqual([403, null]);
    expect(again.text).toContain(
      'This address was already used or has expired. Run <code>npm run say -- --open',
    );
    const known = await visit('GET', path, undefined, { cookie });
    expect([known.status, known.headers.get('location'), known.headers.get('set-cookie')]).toEqual([
      303,
      issue,
      null,
    ]);
    expect((await visit('GET', `${issue}?code=`)).status).toBe(403);
  });

  test('give a code only to the holder of the folder’s key', async () => {
    const ask = (authorization?: string) =>
      visit('POST', '/sign-in/codes', undefined, authorization === undefined ? {} : { authorization });
    const { token: person } = emulator.users[0]!;
    for (const wrong of [
      undefined,
      'Bearer ',
      `Bearer ${person}`,
      `Bearer ${emulator.workflowToken}`,
      emulator.signInKey,
      `Bearer ${emulator.signInKey}x`,
    ])
      expect((await ask(wrong)).status).toBe(401);
    const { status, body } = await ask(`Bearer ${emulator.signInKey}`);
    expect(status).toBe(201);
    const { code } = body as { code: string };
    expect((await visit('GET', `/acme/ops/issues?code=${code}`)).headers.get('location')).toBe(
      '/acme/ops/issues',
    );
  });

  test('cover the stream of events', async () => {
    const { port, host } = new URL(emulator.url);
    const stream = (...headers: string[]) => sendRawRequest(port, `GET ${issue}/events HTTP/1.1`, headers);
    expect(await stream(`Host: ${host}`)).toBe(403);
    expect(await stream(`Host: ${host}`, `Cookie: ${cookie}`)).toBe(200);
    expect(await stream(`Host: evil.example:${port}`, `Cookie: ${cookie}`)).toBe(403);
  });

  test.each([
    ['GET', issue],
    ['GET', '/assets/page.js'],
    ['POST', comments],
    ['GET', '/api/v3/repos/acme/ops'],
    ['POST', '/sign-in/codes'],
  ])('answer nothing under a foreign Host: %s %s', async (method, path) => {
    const { port } = new URL(emulator.url);
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      `127.0.0.1.:${port}`,
      `[::1]:${port}`,
      '127.0.0.1',
    ]) {
      const headers = [`Host: ${host}`, `Cookie: ${cookie}`, `Authorization: Bearer ${emulator.signInKey}`];
      expect(await sendRawRequest(port, `${method} ${path} HTTP/1.1`, headers)).toBe(403);
    }
  });

  test('reload the same address for a visitor from another site', async () => {
    const navigation = { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' };
    const first = await visit('GET', `${issue}?as=mona`, undefined, {
      ...navigation,
      'sec-fetch-site': 'cross-site',
    });
    expect([first.status, first.headers.get('refresh')]).toEqual([200, `0; url=${issue}?as=mona`]);
    expect(first.text).not.toMatch(/private|name="token"/);
    const second = await visit('GET', issue, undefined, { ...navigation, 'sec-fetch-site': 'same-origin' });
    expect(second.status).toBe(403);
    const frame = { ...navigation, 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'cross-site' };
    expect((await visit('GET', issue, undefined, frame)).status).toBe(403);
  });

  test('retain a session across a restart', async () => {
    await emulator.close();
    emulator = await openTestEmulator(folder);
    expect((await createApiClient(emulator)('GET', emulator.page, undefined, { cookie })).status).toBe(200);
  });
});

describe('codes and sessions', () => {
  const hour = 3_600_000;
  const at = { time: Date.UTC(2026, 0, 1) };
  const open = () =>
    createBrowserSessions({ folderId: 7, sessionKey: 'session', signInKey: 'sign-in', now: () => at.time });
  const by = (user: number | undefined) => () => user;
  const cookieOf = (header: string | undefined): string => header?.split(';')[0] ?? '';

  test('a code expires after an hour, a session after 30 days', () => {
    const sessions = open();
    const [one, other] = [sessions.createCode(), sessions.createCode()];
    at.time += hour - 1;
    const cookie = cookieOf(sessions.start(one, by(1000)));
    expect(sessions.find(cookie, by(1000))).toBeDefined();
    at.time += 1;
    expect(sessions.start(other, by(1000))).toBeUndefined();
    at.time += 30 * 24 * hour - 2;
    expect(sessions.find(cookie, by(1000))).toBeDefined();
    at.time += 1;
    expect(sessions.find(cookie, by(1000))).toBeUndefined();
  });

  test('unused codes are limited: the oldest is dropped first', () => {
    const sessions = open();
    const codes = Array.from({ length: 101 }, () => sessions.createCode());
    expect(sessions.start(codes[0]!, by(1000))).toBeUndefined();
    expect(sessions.start(codes[1]!, by(1000))).toBeDefined();
    expect(sessions.start(codes[1]!, by(1000))).toBeUndefined();
    expect(sessions.start(codes[100]!, by(1000))).toBeDefined();
  });

  test('a session is valid only for the user who started it', () => {
    const sessions = open();
    const cookie = cookieOf(sessions.start(sessions.createCode(), by(1000)));
    expect(sessions.find(cookie, by(1000))).toBeDefined();
    for (const other of [0, 100, 1001, undefined]) expect(sessions.find(cookie, by(other))).toBeUndefined();
    const unknown = cookieOf(sessions.start(sessions.createCode(), by(undefined)));
    expect(sessions.find(unknown, by(undefined))).toBeDefined();
    expect(sessions.find(unknown, by(1000))).toBeUndefined();
  });

  test('the user of a request is looked up only for our own cookies and codes, because the lookup takes longer with more connections', () => {
    const sessions = open();
    const cookie = cookieOf(sessions.start(sessions.createCode(), by(1000)));
    const findUser = jest.fn(by(1000));
    for (const wrong of [
      undefined,
      '',
      'coxswain_7=x',
      cookie.slice(0, -1),
      `${cookie.slice(0, -1)}z`,
      `x${cookie}`,
    ])
      expect(sessions.find(wrong, findUser)).toBeUndefined();
    expect(sessions.start('no-code-of-ours', findUser)).toBeUndefined();
    expect(findUser).not.toHaveBeenCalled();
    expect(sessions.find(cookie, findUser)).toBeDefined();
    expect(findUser).toHaveBeenCalledTimes(1);
  });

  test('the keys of the folder’s sessions, and a code, are in no log', () => {
    const sessions = createBrowserSessions({
      folderId: 8,
      sessionKey: 'session-key-8',
      signInKey: 'sign-in-key-8',
    });
    const code = sessions.createCode();
    expect(maskSecrets(`session-key-8 sign-in-key-8 ${code}`)).toBe('[redacted] [redacted] [redacted]');
  });

  test('a session’s cookie and form token are in no log until the session ends, also after a restart', () => {
    const options = { folderId: 9, sessionKey: 'session-key-9', signInKey: 'sign-in-key-9' };
    const time = jest.spyOn(Date, 'now').mockReturnValue(Date.UTC(2026, 0, 1));
    try {
      const before = createBrowserSessions({ ...options, now: Date.now });
      const cookie = cookieOf(before.start(before.createCode(), by(1000)));
      expect(maskSecrets(cookie)).toBe('coxswain_9=[redacted]');
      const { formToken = '' } =
        createBrowserSessions({ ...options, now: Date.now }).find(cookie, by(1000)) ?? {};
      expect(formToken).toMatch(/^[0-9a-f]{64}$/);
      expect(maskSecrets(`token=${formToken}`)).toBe('token=[redacted]');
      time.mockReturnValue(Date.UTC(2026, 0, 1) + 30 * 24 * hour);
      expect(maskSecrets(`${cookie} ${formToken}`)).toBe(`${cookie} ${formToken}`);
      // A refused request does not register a session's cookie.
      expect(createBrowserSessions({ ...options, now: Date.now }).find(cookie, by(1000))).toBeUndefined();
      expect(maskSecrets(cookie)).toBe(cookie);
    } finally {
      time.mockRestore();
    }
  });

  test('the name of the cookie contains the folder’s id', () => {
    const sessions = open();
    expect(sessions.start(sessions.createCode(), by(1000))).toMatch(/^coxswain_7=/);
  });
});
