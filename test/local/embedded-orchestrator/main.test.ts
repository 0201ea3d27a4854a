import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Job } from '../../../contracts/job.ts';
import { createHttpJobs } from '../../../compute/client/index.ts';
import { startChild, type Child } from '../../../runtime/child-process.ts';
import {
  openWorkerFixture,
  startWorkerProcess,
  waitFor,
  type WorkerFixture,
} from '../../fixtures/workers.ts';
import { startUnreliableProxy } from '../../fakes/unreliable-proxy.ts';
import { MountedSecret } from '../../fixtures/mounted-secret.ts';

const entry = fileURLToPath(new URL('../../../local/embedded-orchestrator/main.ts', import.meta.url));
const key = 'platform-key-of-24-characters';

describe('the embedded orchestrator', () => {
  let fixture: WorkerFixture;
  const children: Child[] = [];
  beforeEach(async () => {
    fixture = await openWorkerFixture();
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map((child) => child.stop(15_000)));
    await fixture.close();
  });

  const toEnvironment = (more: Record<string, string> = {}) => ({
    COXSWAIN_DATA: join(fixture.folder, 'data'),
    PORT: '0',
    LOG_LEVEL: 'fatal',
    ...more,
  });

  const toSecrets = () => ({ COXSWAIN_STORAGE: fixture.azurite.connectionString, COXSWAIN_KEY: key });

  /** Starts the program, and resolves when it is ready. */
  const start = async (more: Record<string, string> = {}, secrets: Record<string, string> = toSecrets()) => {
    const ready = Promise.withResolvers<number>();
    const child = startChild({
      name: 'orchestrator',
      entry,
      environment: toEnvironment(more),
      secrets,
      onMessage: (message) => ready.resolve((message as { port: number }).port),
    });
    children.push(child);
    const port = await Promise.race([
      ready.promise,
      child.ended.then(({ code }) => {
        throw new Error(`it exited with ${code}`);
      }),
    ]);
    const url = `http://127.0.0.1:${port}`;
    return { child, url };
  };

  const startWorker = (): Child => {
    const worker = startWorkerProcess(fixture);
    children.push(worker);
    return worker;
  };

  test('runs a job to its end without events', async () => {
    const { url } = await start();
    startWorker();
    const id = await startJob(url, 30);
    const job = await waitForEnd(url, id);
    expect(job).toMatchObject({ state: 'completed', progress: { done: 30, failed: 0, total: 30 } });
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('continues its jobs after %s', async (signal) => {
    const first = await start();
    const id = await startJob(first.url, 3);
    await waitFor(async () => (await fixture.storage.input.length()) === 3);
    first.child.signal(signal);
    expect(await first.child.ended).toEqual(
      signal === 'SIGTERM' ? { code: 0, signal: null } : { code: null, signal },
    );
    const second = await start();
    startWorker();
    const job = await waitForEnd(second.url, id);
    expect(job).toMatchObject({ state: 'completed', progress: { done: 3, total: 3 } });
  });

  test('keeps running while storage is away, and then ends its jobs', async () => {
    const proxy = await startUnreliableProxy(fixture.azurite.connectionString);
    try {
      const { COXSWAIN_STORAGE, ...secrets } = toSecrets();
      const { url, child } = await start(
        {},
        { ...secrets, COXSWAIN_STORAGE: proxy.rewrite(COXSWAIN_STORAGE) },
      );
      const id = await startJob(url, 3);
      await waitFor(async () => (await fixture.storage.input.length()) === 3);
      proxy.down();
      startWorker();
      // More than the attempts of one operation.
      await waitFor(async () => proxy.countRefused() > 20);
      expect(child.hasEnded()).toBe(false);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      proxy.up();
      expect(await waitForEnd(url, id)).toMatchObject({
        state: 'completed',
        progress: { done: 3, total: 3 },
      });
    } finally {
      await proxy.close();
    }
  }, 180_000);

  test('exits with 0 when a setting in a mounted Secret changes, and the next start reads it', async () => {
    const { COXSWAIN_STORAGE } = toSecrets();
    const secret = await MountedSecret.create({ key: `${key}\n` });
    try {
      const files = { COXSWAIN_KEY_FILE: secret.path('key') };
      const first = await start(files, { COXSWAIN_STORAGE });
      const list = async (url: string, used: string) =>
        (await fetch(`${url}/api/jobs`, { headers: { 'x-functions-key': used } })).status;
      expect(await list(first.url, key)).toBe(200);
      const changed = 'another-key-of-24-characters';
      await secret.replace({ key: changed });
      expect(await first.child.ended).toEqual({ code: 0, signal: null });
      const second = await start(files, { COXSWAIN_STORAGE });
      expect([await list(second.url, key), await list(second.url, changed)]).toEqual([401, 200]);
    } finally {
      await secret.remove();
    }
  });

  test('answers probes without a key, and nothing else', async () => {
    const { url } = await start();
    const getStatus = async (path: string, credentials: Record<string, string> = {}) => {
      const response = await fetch(url + path, { headers: credentials });
      await response.arrayBuffer();
      return response.status;
    };
    expect(await Promise.all(['/healthz', '/readyz'].map((path) => getStatus(path)))).toEqual([200, 200]);
    const closed = ['/api/jobs', '/api/tasks', '/api/locks', '/runtime/webhooks/durabletask/instances'];
    expect(await Promise.all(closed.map((path) => getStatus(path)))).toEqual(closed.map(() => 401));
    expect(await getStatus('/api/jobs', headers)).toBe(200);
    // The key of the Durable HTTP API is part of URLs, so it is another one.
    expect(await getStatus(closed[3]!, headers)).toBe(401);
  });

  test('gives the platform management URIs that work after a restart, and do not contain its key', async () => {
    const first = await start({ PUBLIC_URL: 'https://orchestrator.example/' });
    const response = await fetch(`${first.url}/api/orchestrators/ComputeOrchestrator?inputCount=1`, {
      method: 'POST',
      headers,
    });
    const text = await response.text();
    expect(text).not.toContain(key);
    const { statusQueryGetUri } = JSON.parse(text) as { statusQueryGetUri: string };
    expect(statusQueryGetUri).toMatch(/^https:\/\/orchestrator\.example\/runtime\/webhooks\/durabletask\//);
    await first.child.stop(15_000);
    const second = await start();
    const { pathname, search } = new URL(statusQueryGetUri);
    const status = await fetch(second.url + pathname + search);
    expect([202, 200]).toContain(status.status);
    expect(await status.json()).toMatchObject({ name: 'ComputeOrchestrator' });
  });

  /** Runs the program with settings in the environment until it exits, and returns its exit code and stderr. */
  const runToEnd = async (environment: Record<string, string>) => {
    const child = spawn(process.execPath, [entry], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    const [code] = (await once(child, 'close')) as [number];
    return { code, stderr };
  };

  test('names each invalid setting', async () => {
    const environment = {
      PORT: 'http',
      PUBLIC_URL: 'orchestrator',
      COXSWAIN_STREAMS: 'yes',
      COXSWAIN_KEY: 'short',
    };
    const { code, stderr } = await runToEnd(environment);
    expect(code).toBe(1);
    expect(stderr).toContain('COXSWAIN_STORAGE: expected a connection string, received nothing');
    expect(stderr).toContain(
      'COXSWAIN_KEY: expected a key of at least 24 characters, received another value',
    );
    expect(stderr).toContain('PORT: expected an integer from 0 to 65535, received "http"');
    expect(stderr).toContain(
      'PUBLIC_URL: expected a URL such as https://orchestrator.example, received "orchestrator"',
    );
    expect(stderr).toContain('COXSWAIN_STREAMS: expected "on" or "off", received "yes"');
  });

  test('refuses a folder that another process uses, or that it cannot create', async () => {
    await start();
    const inUse = await runToEnd({ ...toEnvironment(), ...toSecrets() });
    expect([inUse.code, inUse.stderr]).toEqual([
      1,
      `COXSWAIN_DATA: expected a folder that no other orchestrator uses, received "${join(fixture.folder, 'data')}"\n`,
    ]);
    const file = join(fixture.folder, 'file');
    await writeFile(file, '');
    const noFolder = await runToEnd({ ...toEnvironment({ COXSWAIN_DATA: file }), ...toSecrets() });
    expect([noFolder.code, noFolder.stderr]).toEqual([
      1,
      expect.stringMatching(/^Cannot use the folder .*file: .* Set COXSWAIN_DATA to another folder\.\n$/),
    ]);
  });

  test('without its storage account, is alive but not ready, and stops', async () => {
    const [refusing, port] = [await findFreePort(), await findFreePort()];
    const { connectionString } = fixture.azurite;
    const child = startChild({
      name: 'orchestrator',
      entry,
      environment: toEnvironment({ PORT: String(port) }),
      secrets: {
        COXSWAIN_STORAGE: connectionString.replaceAll(/127\.0\.0\.1:\d+/g, `127.0.0.1:${refusing}`),
        COXSWAIN_KEY: key,
      },
    });
    children.push(child);
    const getStatus = (path: string) =>
      fetch(`http://127.0.0.1:${port}${path}`).then(
        ({ status }) => status,
        () => undefined,
      );
    expect(await waitFor(() => getStatus('/healthz'))).toBe(200);
    expect(await getStatus('/readyz')).toBe(503);
    expect(await getStatus('/api/jobs')).toBe(503);
    child.signal('SIGTERM');
    expect(await child.ended).toEqual({ code: 0, signal: null });
  });
});

const headers = { 'x-functions-key': key };

/** Starts a job of blocks with one input each, and returns its id. */
const startJob = async (url: string, inputCount: number): Promise<string> => {
  const response = await fetch(
    `${url}/api/orchestrators/ComputeOrchestrator?inputCount=${inputCount}&blockSize=1`,
    { method: 'POST', headers },
  );
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
};

const waitForEnd = (url: string, id: string): Promise<Job> => {
  const jobs = createHttpJobs({ url, key });
  return waitFor(async () => {
    const job = await jobs.get(id);
    return job !== undefined && job.endedAt !== null && job;
  });
};

/** Returns a port on which nothing listens. */
const findFreePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
};
