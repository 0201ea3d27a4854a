import { createHmac } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import { findSchemaFaults } from '../../fixtures/github/schemas.ts';
import {
  app,
  createAppToken,
  createUserClient,
  createInstallationClient,
  createApiClient,
  waitFor,
  openTestEmulator,
  startWebhookReceiver,
  createTemporaryFolder,
  type ApiClient,
  type ReceivedWebhook,
} from '../../fixtures/github-emulator.ts';
import { findMissingFields } from '../../fixtures/github/webhook-examples.ts';

type Listed = {
  id: number;
  guid: string;
  status_code: number;
  status: string;
  redelivery: boolean;
  event: string;
  action: string;
};
type Receiver = Awaited<ReturnType<typeof startWebhookReceiver>>;

const issues = '/repos/acme/ops/issues';

describe('webhooks', () => {
  const { folder, remove } = createTemporaryFolder();
  let hook: Receiver;
  let emulator: GitHubEmulator;
  let mona: ApiClient;
  let theApp: ApiClient;

  beforeAll(async () => {
    hook = await startWebhookReceiver();
    emulator = await openTestEmulator(folder, () => hook.url);
    mona = createUserClient(emulator, 'maintain');
    theApp = createApiClient(emulator, createAppToken());
  });
  afterAll(async () => {
    await emulator.close();
    await hook.close();
    remove();
  });

  const comment = async (body: string, by = mona): Promise<number> =>
    ((await by('POST', `${issues}/1/comments`, { body })).body as { id: number }).id;
  const deliveries = async (query = ''): Promise<Listed[]> =>
    (await theApp('GET', `/app/hook/deliveries${query}`)).body as Listed[];
  /** Waits until a number of deliveries with a guid are listed, and returns them. */
  const listed = (guid: unknown, count: number): Promise<Listed[]> =>
    waitFor(async () => {
      const found = (await deliveries()).filter((delivery) => delivery.guid === guid);
      return found.length >= count ? found : undefined;
    });
  const expectPayload = ({ headers, payload }: ReceivedWebhook, schema: string): void => {
    expect(findSchemaFaults(payload, schema)).toEqual([]);
    expect(findMissingFields(payload, String(headers['x-github-event']), payload.action)).toEqual([]);
  };
  const guidOf = ({ headers }: ReceivedWebhook) => headers['x-github-delivery'];

  test("are signed, and carry GitHub's headers", async () => {
    await comment('/help');
    const { headers, body } = await hook.next();
    const signature = createHmac('sha256', app.webhookSecret).update(body).digest('hex');
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-github-event': 'issue_comment',
      'x-github-delivery': expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/),
      'x-github-hook-installation-target-id': String(app.id),
      'x-hub-signature-256': `sha256=${signature}`,
    });
  });

  test("have payloads of GitHub's form: created, edited with what it was, deleted, opened", async () => {
    const id = await comment('first');
    const created = await hook.next();
    await mona('PATCH', `${issues}/comments/${id}`, { body: 'second' });
    const edited = await hook.next();
    await mona('PATCH', `${issues}/comments/${id}`, { body: 'second' });
    await mona('DELETE', `${issues}/comments/${id}`);
    const deleted = await hook.next();
    await createUserClient(emulator, 'read')('POST', issues, { title: 'Opened' });
    const opened = await hook.next();
    expect(edited.payload).toMatchObject({
      action: 'edited',
      changes: { body: { from: 'first' } },
      comment: { id, body: 'second' },
    });
    expect(deleted.payload).toMatchObject({ action: 'deleted', comment: { id, body: 'second' } });
    expect(opened.headers['x-github-event']).toBe('issues');
    for (const [received, schema] of [
      [created, 'webhook-issue-comment-created'],
      [edited, 'webhook-issue-comment-edited'],
      [deleted, 'webhook-issue-comment-deleted'],
      [opened, 'webhook-issues-opened'],
    ] as const)
      expectPayload(received, schema);
  });

  test('report changes of the issue itself: closed, reopened, locked, labeled', async () => {
    const at = `${issues}/1`;
    const steps = [
      ['closed', 'PATCH', at, { state: 'closed', state_reason: 'not_planned' }],
      ['reopened', 'PATCH', at, { state: 'open' }],
      ['locked', 'PUT', `${at}/lock`, { lock_reason: 'resolved' }],
      ['unlocked', 'DELETE', `${at}/lock`, undefined],
      ['labeled', 'POST', `${at}/labels`, { labels: ['ops', 'ops'] }],
      ['unlabeled', 'DELETE', `${at}/labels/OPS`, undefined],
    ] as const;
    for (const [action, method, path, body] of steps) {
      await mona(method, path, body);
      const { payload } = await hook.next();
      expect([payload.action, payload.issue.number]).toEqual([action, 1]);
      expect(findSchemaFaults(payload, `webhook-issues-${action}`)).toEqual([]);
    }
  });

  test('report an edit by another person than the author, with that person as sender', async () => {
    const id = await comment('/compute 10');
    const { payload } = await hook.next();
    await createUserClient(emulator, 'write')('PATCH', `${issues}/comments/${id}`, { body: '/compute 1000' });
    const edited = await hook.next();
    expect(edited.payload).toMatchObject({
      sender: { login: 'octavia' },
      comment: { id, user: { login: 'mona' } },
      changes: { body: { from: '/compute 10' } },
    });
    expect(edited.payload.comment?.updated_at).not.toBe(payload.comment?.updated_at);
  });

  test("report the app's own comments, with the app as sender", async () => {
    await comment('by the app', await createInstallationClient(emulator));
    const { payload } = await hook.next();
    expect(payload).toMatchObject({
      sender: { login: 'coxswain[bot]', type: 'Bot' },
      comment: { user: { type: 'Bot' }, performed_via_github_app: { slug: 'coxswain' } },
      installation: { id: emulator.installation },
    });
  });

  test('that fail stay failed until they are redelivered on request, with the same guid', async () => {
    hook.status = 503;
    await comment('/compute 10');
    const first = await hook.next();
    const [failed] = await listed(guidOf(first), 1);
    expect(failed).toMatchObject({
      status_code: 503,
      redelivery: false,
      event: 'issue_comment',
      action: 'created',
    });
    hook.status = 202;
    expect((await theApp('POST', `/app/hook/deliveries/${failed?.id}/attempts`)).status).toBe(202);
    const again = await hook.next();
    expect([guidOf(again), again.body]).toEqual([guidOf(first), first.body]);
    const both = await listed(guidOf(first), 2);
    expect(both.map(({ status_code: code, redelivery }) => [code, redelivery])).toEqual([
      [202, true],
      [503, false],
    ]);
    expect(both.flatMap((delivery) => findSchemaFaults(delivery, 'hook-delivery-item'))).toEqual([]);
    hook.status = 200;
  });

  test('are listed in pages, by outcome, and with full details', async () => {
    const all = await deliveries('?per_page=100');
    const seen: number[] = [];
    let next: string | undefined = '/app/hook/deliveries?per_page=2';
    while (next !== undefined) {
      const page = await theApp('GET', next);
      seen.push(...(page.body as Listed[]).map(({ id }) => id));
      next = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
    }
    expect(seen).toEqual(all.map(({ id }) => id));
    // On a busy machine, some others may have failed because they were not answered in time.
    const failed = all.filter(({ status_code: code }) => code >= 400);
    expect(failed.map(({ status_code: code }) => code)).toContain(503);
    expect(await deliveries('?status=failure&per_page=100')).toEqual(failed);
    const whole = await theApp('GET', `/app/hook/deliveries/${seen[0]}`);
    expect(findSchemaFaults(whole.body, 'hook-delivery')).toEqual([]);
    expect(whole.body).toMatchObject({
      url: hook.url,
      response: { payload: 'thanks', headers: { 'x-served-by': 'test' } },
    });
  });

  test('are visible only to the app', async () => {
    expect((await mona('GET', '/app/hook/deliveries')).status).toBe(401);
    expect((await theApp('POST', '/app/hook/deliveries/999999/attempts')).status).toBe(404);
  });
});

test('a webhook to an unreachable host or an unknown address is listed as failed', async () => {
  const { folder, remove } = createTemporaryFolder();
  let known = false;
  const emulator = await openTestEmulator(folder, () => {
    if (!known) throw new Error('The bot is not up yet');
    return 'http://127.0.0.1:1/';
  });
  const theApp = createApiClient(emulator, createAppToken());
  const failed = (count: number) =>
    waitFor(async () => {
      const { body } = await theApp('GET', '/app/hook/deliveries?status=failure');
      return (body as Listed[]).length === count ? (body as Listed[]) : undefined;
    });
  await createUserClient(emulator, 'write')('POST', `${issues}/1/comments`, { body: 'anybody there?' });
  expect(await failed(1)).toMatchObject([{ status_code: 502, status: 'failed to connect to host' }]);
  known = true;
  await createUserClient(emulator, 'write')('POST', `${issues}/1/comments`, { body: 'anybody?' });
  expect(await failed(2)).toMatchObject([{ status_code: 502 }, { status_code: 502 }]);
  await emulator.close();
  remove();
});
