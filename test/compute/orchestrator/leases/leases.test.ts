import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { leasePath } from '../../../../contracts/blob-paths.ts';
import {
  readBlobJson,
  listPaths,
  openOrchestratorFixture,
  openTestOrchestrator,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../../fixtures/orchestrator/orchestrator-fixture.ts';

let fixture: OrchestratorFixture;
let platform: TestOrchestrator;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
  platform = await openTestOrchestrator(fixture);
});
afterAll(async () => {
  await fixture.stopAll();
  await fixture.close();
});

const take = (name: string, holder: string, seconds: unknown = 60) =>
  platform.call('POST', 'leases', { name, holder, seconds });
const release = (name: string, holder: string) => platform.call('POST', 'leases/release', { name, holder });
const runOut = (name: string) =>
  fixture.storage.blobs.put(
    leasePath(name),
    JSON.stringify({ v: 1, name, holder: 'gone', until: new Date(Date.now() - 1).toISOString() }),
  );

test('one holder takes, renews and releases it', async () => {
  const before = Date.now();
  const { status, body } = await take('tracker', 'a');
  expect(status).toBe(200);
  expect(body).toMatchObject({ v: 1, name: 'tracker', holder: 'a' });
  expect(Date.parse(String(body['until']))).toBeGreaterThanOrEqual(before + 60_000);
  expect(await take('tracker', 'b')).toMatchObject({ status: 409, body: { error: { code: 'lease-held' } } });
  expect(await take('sweep', 'b')).toMatchObject({ status: 200 });

  const renewed = await take('tracker', 'a', 300);
  expect(Date.parse(String(renewed.body['until']))).toBeGreaterThan(Date.parse(String(body['until'])));
  expect((await release('tracker', 'b')).status).toBe(200);
  expect((await take('tracker', 'b')).status).toBe(409);
  expect((await release('tracker', 'a')).status).toBe(200);
  expect(await fixture.storage.blobs.exists(leasePath('tracker'))).toBe(false);
  expect((await take('tracker', 'b')).status).toBe(200);
});

test('of many concurrent requests one gets it, free or expired', async () => {
  await runOut('expired');
  const holders = Array.from({ length: 12 }, (_, n) => `holder-${n}`);
  for (const name of ['free', 'expired']) {
    const answers = await Promise.all(holders.map((holder) => take(name, holder)));
    const won = holders.filter((_, n) => answers[n]?.status === 200);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(11);
    expect(await readBlobJson(fixture.storage, leasePath(name))).toMatchObject({ holder: won[0] });
  }
});

test('a holder that lost it cannot release it', async () => {
  await runOut('lost');
  expect((await take('lost', 'next')).status).toBe(200);
  expect((await release('lost', 'gone')).status).toBe(200);
  expect((await take('lost', 'other')).status).toBe(409);
});

test('a name can have any visible characters', async () => {
  const name = `reply/7/9?x=%2F#..${'~'.repeat(180)}/`;
  expect((await take(name, 'a')).status).toBe(200);
  expect((await take(name, 'b')).status).toBe(409);
  expect((await release(name, 'a')).status).toBe(200);
  expect((await take(name, 'b')).status).toBe(200);
});

test('expired and invalid ones are removed', async () => {
  await take('kept', 'a');
  await runOut('left');
  await fixture.storage.blobs.put(leasePath('broken'), 'not JSON');
  await platform.runChore('remove-leases');
  const left = await listPaths(fixture.storage, 'control/leases/');
  expect(left).toContain(leasePath('kept'));
  expect(left).not.toContain(leasePath('left'));
  expect(left).not.toContain(leasePath('broken'));
});

describe('refuses', () => {
  test.each([
    [{ holder: 'a', seconds: 1 }, 'name'],
    [{ name: 'has blanks', holder: 'a', seconds: 1 }, 'name'],
    [{ name: 'x'.repeat(201), holder: 'a', seconds: 1 }, 'name'],
    [{ name: 'n', holder: '', seconds: 1 }, 'holder'],
    [{ name: 'n', holder: 'a' }, 'seconds'],
    [{ name: 'n', holder: 'a', seconds: 604_801 }, 'seconds'],
  ])('%j', async (body, field) => {
    const answer = await platform.call('POST', 'leases', body);
    expect(answer).toMatchObject({ status: 400, body: { error: { field } } });
  });
});
