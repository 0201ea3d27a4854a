import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { OrchestrationContext } from 'durable-functions';
import { UnknownContinuationError } from '../../../compute/orchestrator/durable.ts';
import { openDurableHost } from '../../../local/durable-host/durable-host.ts';
import type { InstanceFilter } from '../../../compute/orchestrator/durable.ts';
import {
  createGate,
  openTestDurableHost,
  silentLog,
  type TestDurableHost,
  type SilentSteps,
} from '../../fixtures/durable-host.ts';

const waits = function* (context: OrchestrationContext): SilentSteps {
  yield context.df.waitForExternalEvent('Go');
};
const holds = function* (context: OrchestrationContext): SilentSteps {
  yield context.df.callActivity('hold');
};

describe('a listing', () => {
  let testHost: TestDurableHost;
  let time = Date.UTC(2026, 0, 1);
  beforeEach(async () => {
    testHost = await openTestDurableHost({ orchestrations: { waits }, activities: {} }, { now: () => time });
    for (let n = 0; n < 12; n++) {
      time = Date.UTC(2026, 0, 1, 0, Math.floor(n / 2));
      await testHost.client.start(
        'waits',
        `${n % 3 === 0 ? 'job' : 'batch'}-${String(n).padStart(2, '0')}`,
        n,
      );
      if (n % 4 === 0)
        await testHost.client.terminate(`${n % 3 === 0 ? 'job' : 'batch'}-${String(n).padStart(2, '0')}`, '');
    }
  });
  afterEach(() => testHost.close());

  const ids = async (filter: InstanceFilter): Promise<string[]> => {
    const { instances } = await testHost.client.list(filter);
    return instances.map(({ instanceId }) => instanceId);
  };

  test('is newest first', async () => {
    const created = (await testHost.client.list({})).instances.map(({ createdTime }) => createdTime);
    expect(created).toEqual(created.toSorted().toReversed());
  });

  test('filters by prefix, status and time', async () => {
    expect(await ids({ prefix: 'job-' })).toEqual(['job-09', 'job-06', 'job-03', 'job-00']);
    expect(await ids({ prefix: 'job-', statuses: ['Terminated'] })).toEqual(['job-00']);
    expect(
      await ids({ prefix: 'job-', statuses: ['Running', 'Pending'], createdFrom: '2026-01-01T00:02:00Z' }),
    ).toEqual(['job-09', 'job-06']);
    expect(
      await ids({ createdFrom: '2026-01-01T00:01:00.000Z', createdTo: '2026-01-01T01:01:00+01:00' }),
    ).toHaveLength(2);
    expect(await ids({ prefix: 'no' })).toEqual([]);
    expect(await ids({ statuses: [] })).toEqual([]);
    expect(await ids({ prefix: '%' })).toEqual([]);
  });

  test('comes in pages, each instance once, also while others are added', async () => {
    const seen: string[] = [];
    let continuation: string | undefined;
    let pages = 0;
    do {
      const page = await testHost.client.list({
        top: 5,
        ...(continuation === undefined ? {} : { continuation }),
      });
      seen.push(...page.instances.map(({ instanceId }) => instanceId));
      ({ continuation } = page);
      pages += 1;
      time += 1_000;
      await testHost.client.start('waits', `later-${pages}`, null);
    } while (continuation !== undefined);
    expect(pages).toBe(3);
    expect(new Set(seen).size).toBe(12);
    expect(seen).toHaveLength(12);
  });

  test('refuses a continuation that it has not given', async () => {
    await expect(testHost.client.list({ continuation: 'abc' })).rejects.toThrow(UnknownContinuationError);
  });
});

test('a failed commit is harmless: callers get an error, and changes of the host itself are retried', async () => {
  const hold = createGate();
  let time = 1;
  const testHost = await openTestDurableHost(
    { orchestrations: { waits, holds }, activities: { hold: () => hold.opened } },
    { now: () => time },
  );
  await testHost.client.start('holds', 'h', null);
  // A clock that shows no date makes each commit fail.
  time = Number.NaN;
  await expect(testHost.client.start('waits', 'w', null)).rejects.toThrow();
  hold.open();
  await new Promise(setImmediate);
  time = 2;
  expect((await testHost.ended('h')).runtimeStatus).toBe('Completed');
  expect(await testHost.client.status('w')).toBeUndefined();
  expect((await testHost.client.start('waits', 'w', null)).started).toBe(true);
  await testHost.close();
});

test('a file that holds something else is refused by its name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'durable-'));
  const file = join(folder, 'jobs.db');
  await writeFile(file, 'These are no jobs. '.repeat(1_000));
  const open = openDurableHost({
    file,
    registry: { orchestrations: {}, activities: {} },
    log: silentLog,
    managementUris: () => ({}),
  });
  await expect(open).rejects.toThrow(`Could not open the jobs in ${file}`);
  await rm(folder, { recursive: true });
});

test('a closed host refuses calls', async () => {
  const testHost = await openTestDurableHost({ orchestrations: { waits }, activities: {} });
  const { client } = testHost;
  await testHost.close();
  await expect(client.start('waits', 'w', null)).rejects.toThrow('The durable host is closed');
});
