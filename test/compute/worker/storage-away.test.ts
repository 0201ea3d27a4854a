import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from '../../../compute/storage/open-storage.ts';
import { startAzurite } from '../../../local/azurite/azurite.ts';
import { listen } from '../../../runtime/http-server.ts';
import { createLogger } from '../../../runtime/log.ts';
import {
  sendBlocks,
  startWorkerProcess,
  waitFor,
  waitForResults,
  type WorkerFixture,
} from '../../fixtures/workers.ts';

/* Storage that goes away for a while, and comes back with all that it had: a restart, a network partition, a firewall rule. */

let fixture: WorkerFixture;
const key = randomBytes(64).toString('base64');
const log = createLogger('test', 'silent');

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-away-'));
  const azurite = await startAzurite({
    folder: join(folder, 'azurite'),
    blobPort: 0,
    queuePort: 0,
    key,
    log,
  });
  const storage = openStorage(azurite.connectionString);
  await storage.prepare();
  fixture = { azurite, storage, folder, close: () => rm(folder, { recursive: true }) };
});
afterEach(async () => {
  await fixture.azurite.stop();
  await fixture.close();
});

/** Starts storage again, on the same ports and with the same data. */
const startStorageAgain = async (): Promise<void> => {
  const [blobPort = 0, queuePort = 0] = [
    ...fixture.azurite.connectionString.matchAll(/127\.0\.0\.1:(\d+)/g),
  ].map(([, port]) => Number(port));
  fixture.azurite = await startAzurite({
    folder: join(fixture.folder, 'azurite'),
    blobPort,
    queuePort,
    key,
    log,
  });
};

const findFreePort = async (): Promise<number> => {
  const server = await listen(() => {}, { what: 'a free port', port: 0 });
  await server.close();
  return server.port;
};

test('a worker whose storage is away keeps running and polling, is not ready meanwhile, and then finishes everything', async () => {
  const gate = join(fixture.folder, 'gate');
  const entered = join(fixture.folder, 'entered');
  const port = await findFreePort();
  const worker = startWorkerProcess(
    fixture,
    { gate: `echo > ${entered}; while ! test -e ${gate}; do sleep 0.05; done; echo 1` },
    { COXSWAIN_PORT: String(port), COXSWAIN_SLOTS: '2' },
  );
  const request = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  const getReadiness = () =>
    request('/readyz').then(
      ({ status }) => status,
      () => 0,
    );
  const countFaults = async (): Promise<number> =>
    Number(
      /^coxswain_worker_storage_faults_total (\d+)$/m.exec(await (await request('/metrics')).text())?.[1],
    );
  try {
    await waitFor(async () => (await getReadiness()) === 200);
    const running = await sendBlocks(fixture, 1, 'gate');
    await waitFor(async () => (await fixture.storage.input.length()) === 1 && (await exists(entered)));
    await fixture.azurite.stop();
    await waitFor(async () => (await getReadiness()) === 503);
    const before = await countFaults();
    await waitFor(async () => (await countFaults()) >= before + 10);
    expect((await request('/healthz')).status).toBe(200);
    await writeFile(gate, '');
    await startStorageAgain();
    await waitFor(async () => (await getReadiness()) === 200);
    const later = await sendBlocks(fixture, 5);
    for (const [job, count] of [
      [running, 1],
      [later, 5],
    ] as const)
      expect((await waitForResults(fixture, job, count)).map(({ state }) => state)).toEqual(
        Array.from({ length: count }, () => 'done'),
      );
    expect(worker.hasEnded()).toBe(false);
  } finally {
    expect(await worker.stop(25_000)).toEqual({ code: 0, signal: null });
  }
});

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
