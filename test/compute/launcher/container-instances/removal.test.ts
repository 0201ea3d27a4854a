import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { JobPresence, Launcher } from '../../../../compute/launcher/port.ts';
import type { Storage } from '../../../../compute/storage/open-storage.ts';
import { createJobId, type JobId } from '../../../../contracts/ids.ts';
import { containerGroupsPath } from '../../../../contracts/blob-paths.ts';
import {
  openContainerInstances,
  startTestStorage,
  type ContainerInstancesFixture,
} from '../../../fixtures/container-instances.ts';

let account: { storage: Storage; close: () => Promise<void> };
let fixture: ContainerInstancesFixture;
let launcher: Launcher;
beforeAll(async () => {
  account = await startTestStorage();
});
afterAll(() => account.close());
beforeEach(async () => {
  fixture = await openContainerInstances(account.storage);
  launcher = fixture.createLauncher();
});
afterEach(() => fixture.close());

const launch = async (from = launcher): Promise<JobId> => {
  const spec = await fixture.createSpec();
  expect(await from.launch(spec)).toEqual({ kind: 'launched' });
  return spec.job;
};
const listNames = (): string[] => fixture.azure.groups().map(({ name }) => name);
const sweep = async (presence: JobPresence | ((job: JobId) => JobPresence)): Promise<void> =>
  launcher.sweep?.(async (job) => (typeof presence === 'string' ? presence : presence(job)));

describe('a removal', () => {
  test('is done only when a look-up finds nothing, and asks for one delete', async () => {
    const job = await launch();
    fixture.advance(10);
    expect(await launcher.remove(job)).toBe('later');
    expect(await launcher.remove(job)).toBe('later');
    fixture.advance(10);
    expect(await fixture.createLauncher().remove(job)).toBe('gone');
    expect(fixture.countRequests('DELETE')).toBe(1);
  });

  test('of a job without a group is done', async () => {
    expect(await launcher.remove(createJobId())).toBe('gone');
    expect(fixture.countRequests('DELETE')).toBe(0);
  });

  test('waits while a create without an answer may be under way', async () => {
    const spec = await fixture.createSpec();
    fixture.azure.addFault({ kind: 'connection-reset' });
    await launcher.launch(spec).catch(() => {});
    expect(await launcher.remove(spec.job)).toBe('later');
    expect(await launcher.launch(spec)).toMatchObject({ kind: 'later' });
    fixture.advance(61);
    expect(await launcher.remove(spec.job)).toBe('gone');
  });

  test.each([{ kind: 'throttled', retryAfterSeconds: 30 }, { kind: 'transitioning' }] as const)(
    'that Azure refuses ($kind) is repeated',
    async (fault) => {
      const job = await launch();
      fixture.advance(10);
      fixture.azure.addFault({ ...fault, operation: 'delete' });
      expect(await launcher.remove(job)).toBe('later');
      fixture.advance(31);
      expect(await launcher.remove(job)).toBe('later');
      fixture.advance(1);
      expect(await launcher.remove(job)).toBe('gone');
      expect(fixture.countRequests('DELETE')).toBe(2);
    },
  );

  test('whose answer is lost is looked up', async () => {
    const job = await launch();
    fixture.advance(10);
    fixture.azure.addFault({ kind: 'answer-lost', operation: 'delete' });
    await expect(launcher.remove(job)).rejects.toThrow('Azure Resource Manager did not answer');
    fixture.advance(1);
    expect(await launcher.remove(job)).toBe('gone');
    expect(fixture.countRequests('DELETE')).toBe(1);
  });

  test('without a right names it', async () => {
    const job = await launch();
    fixture.azure.addFault({ kind: 'forbidden', operation: 'delete' });
    await expect(launcher.remove(job)).rejects.toThrow('the role Container Instances Contributor');
  });

  test('beyond the limit waits without a call, and the next sweep finishes it', async () => {
    const limited = fixture.createLauncher({ settings: { COXSWAIN_ACI_MAX_CALLS_5_MINUTES: '2' } });
    const jobs = [await launch(limited), await launch(limited)];
    fixture.advance(330);
    jobs.push(await launch(limited));
    for (const job of jobs) await limited.remove(job);
    expect(fixture.countRequests('DELETE')).toBe(2);
    fixture.advance(330);
    await limited.sweep?.(async () => 'ended');
    fixture.advance(1);
    expect(listNames()).toEqual([]);
  });
});

describe('a sweep', () => {
  test('deletes groups whose job ended or is unknown, if they are older than 15 minutes', async () => {
    const [live, ended, unknown] = [await launch(), await launch(), await launch()];
    const find = (job: JobId): JobPresence => (job === live ? 'live' : job === ended ? 'ended' : 'unknown');
    fixture.advance(15 * 60);
    const young = await launch();
    await sweep(find);
    fixture.advance(1);
    expect(listNames()).toHaveLength(4);
    await sweep(find);
    fixture.advance(1);
    expect(listNames()).toEqual([live, young]);
    expect(listNames()).not.toContain(unknown);
  });

  test('first finishes the deletes of ended jobs, and deletes at most 10 groups', async () => {
    const jobs: JobId[] = [];
    for (let count = 0; count < 14; count += 1) jobs.push(await launch());
    fixture.advance(16 * 60);
    const ended = jobs.slice(10);
    for (const job of ended) {
      fixture.azure.addFault({ kind: 'transitioning', operation: 'delete' });
      await launcher.remove(job);
    }
    const calls = fixture.countRequests('DELETE');
    await sweep('unknown');
    fixture.advance(1);
    expect(fixture.countRequests('DELETE') - calls).toBe(10);
    expect(listNames()).toHaveLength(4);
    for (const job of ended) expect(listNames()).not.toContain(job);
    await sweep('unknown');
    fixture.advance(1);
    expect(listNames()).toEqual([]);
  });

  test('keeps the record of a group that is created while a slow listing runs', async () => {
    const listing = fixture.azure.hold({ method: 'GET', phase: 'after', isFor: (group) => group === '' });
    const swept = sweep('unknown');
    await listing.reached;
    const job = await launch(fixture.createLauncher());
    fixture.advance(61);
    listing.release();
    await swept;
    expect(JSON.parse(String(await account.storage.blobs.get(containerGroupsPath)))).toMatchObject({
      groups: { [job]: { state: 'created' } },
    });
  });

  test('never touches the groups of other deployments', async () => {
    const other = fixture.createLauncher({ settings: { COXSWAIN_DEPLOYMENT: 'other' } });
    const job = await launch(other);
    fixture.advance(3_600);
    await sweep('unknown');
    fixture.advance(1);
    expect(listNames()).toEqual([job]);
    expect(fixture.countRequests('DELETE')).toBe(0);
  });

  test('goes on after a delete that fails', async () => {
    await launch();
    await launch();
    fixture.advance(16 * 60);
    fixture.azure.addFault({ kind: 'server-error', operation: 'delete' });
    await sweep('unknown');
    fixture.advance(1);
    expect(listNames()).toHaveLength(1);
  });

  test('reads all pages of the listing, and costs one request for each', async () => {
    await fixture.close();
    fixture = await openContainerInstances(account.storage, { pageSize: 2 });
    launcher = fixture.createLauncher();
    for (let count = 0; count < 5; count += 1) await launch();
    fixture.advance(16 * 60);
    const calls = fixture.countRequests('GET');
    await sweep('unknown');
    fixture.advance(1);
    expect(listNames()).toEqual([]);
    expect(fixture.countRequests('GET') - calls).toBe(3);
  });
});

test('a whole task costs few requests', async () => {
  const job = await launch();
  fixture.advance(10);
  await launcher.inspect(job);
  fixture.containers.end(job);
  await launcher.remove(job);
  fixture.advance(1);
  await sweep('ended');
  expect(fixture.azure.requests.map(({ method }) => method)).toEqual([
    'GET',
    'PUT',
    'GET',
    'GET',
    'DELETE',
    'GET',
    'GET',
  ]);
});
