import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { MountedSecret } from '../../fixtures/mounted-secret.ts';
import {
  toProgramSettings,
  waitForEmptyQueue,
  formatMessage,
  sendBlocks,
  waitFor,
  readResult,
  waitForResults,
  workerEntry,
  workerEnvironment,
  workerSecrets,
  useWorkers,
} from '../../fixtures/workers.ts';

describe('a worker process', () => {
  const crew = useWorkers();

  test('finishes its blocks on SIGTERM, receives no others, and exits with 0', async () => {
    const job = await sendBlocks(crew.fixture, 2, 'gate');
    const worker = crew.start(
      {
        gate: `echo x >> ${crew.file('entered')}; while ! test -e ${crew.file('open')}; do sleep 0.05; done; echo 1`,
      },
      { COXSWAIN_SLOTS: '1' },
    );
    await crew.waitForFile('entered');
    worker.signal('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await writeFile(crew.file('open'), '');
    expect(await worker.ended).toEqual({ code: 0, signal: null });
    const done = await Promise.all([readResult(crew.fixture, job, 0), readResult(crew.fixture, job, 1)]);
    expect(done.filter(Boolean)).toHaveLength(1);
    expect(await crew.fixture.storage.input.length()).toBe(1);
    crew.start({ gate: 'echo 1' });
    await waitForEmptyQueue(crew.fixture);
  });

  test('returns blocks that do not finish within the grace to the queue at once', async () => {
    const job = await sendBlocks(crew.fixture, 1, 'stuck');
    const worker = crew.start(
      { stuck: `echo $$ > ${crew.file('stuck')}; sleep 600` },
      { COXSWAIN_GRACE_SECONDS: '0', COXSWAIN_VISIBILITY_SECONDS: '600' },
    );
    const pid = Number(await crew.waitForFile('stuck'));
    worker.signal('SIGTERM');
    expect(await worker.ended).toEqual({ code: 0, signal: null });
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    const [message] = await crew.fixture.storage.input.receive(1, 30);
    expect(message).toMatchObject({ text: formatMessage(job, 0, { returned: 1, failed: 0 }), deliveries: 2 });
    await crew.fixture.storage.input.delete(message!);
  });

  test('exits within 3 s after its grace when a block outlasts it', async () => {
    await sendBlocks(crew.fixture, 1, 'stuck');
    const worker = crew.start(
      { stuck: `echo $$ > ${crew.file('outlasting')}; sleep 600` },
      { COXSWAIN_GRACE_SECONDS: '1', COXSWAIN_VISIBILITY_SECONDS: '600' },
    );
    await crew.waitForFile('outlasting');
    // As the kubelet does, this kills a process that has not exited.
    expect(await worker.stop(4_000)).toEqual({ code: 0, signal: null });
    const [message] = await crew.fixture.storage.input.receive(1, 30);
    expect(message?.deliveries).toBe(2);
    await crew.fixture.storage.input.delete(message!);
  });

  test('finishes its blocks and exits with 0 when its mounted connection string changes', async () => {
    const { connectionString } = crew.fixture.azurite;
    const secret = await MountedSecret.create({ storage: connectionString });
    const { port, release } = await freePort();
    await release();
    const script = `echo x >> ${crew.file('running')}; while ! test -e ${crew.file('go')}; do sleep 0.05; done; echo 1`;
    const job = await sendBlocks(crew.fixture, 1, 'wait');
    const worker = spawn(process.execPath, [workerEntry], {
      env: {
        PATH: process.env['PATH'],
        ...workerEnvironment(toProgramSettings({ wait: script })),
        COXSWAIN_PORT: String(port),
        COXSWAIN_STORAGE_FILE: secret.path('storage'),
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const ended = once(worker, 'exit');
    try {
      await crew.waitForFile('running');
      await secret.replace({ storage: `${connectionString};` });
      await waitFor(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 503);
      expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
      await writeFile(crew.file('go'), '');
      expect(await ended).toEqual([0, null]);
      expect(await readResult(crew.fixture, job, 0)).toMatchObject({ state: 'done' });
    } finally {
      worker.kill('SIGKILL');
      await ended;
      await secret.remove();
    }
  });

  test('exits when its parent has ended', async () => {
    const options = {
      name: 'worker',
      entry: workerEntry,
      environment: workerEnvironment(),
      secrets: workerSecrets(crew.fixture),
    };
    const script = `import { startChild } from '${new URL('../../../runtime/child-process.ts', import.meta.url).href}';
      console.log(startChild(${JSON.stringify(options)}).pid);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once('data', (line) => resolve(Number(line))),
    );
    parent.kill('SIGKILL');
    await waitFor(async () => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      return stat === '' || stat.includes(') Z ');
    });
  });

  test('exits by itself when it is idle, if it is configured to', async () => {
    const job = await sendBlocks(crew.fixture, 3);
    expect(await crew.start({}, { COXSWAIN_EXIT_WHEN_IDLE_SECONDS: '1' }).ended).toEqual({
      code: 0,
      signal: null,
    });
    expect(await waitForResults(crew.fixture, job, 3)).toHaveLength(3);
  });

  test('shows health and metrics', async () => {
    const { port, release } = await freePort();
    await release();
    crew.start({}, { COXSWAIN_PORT: String(port) });
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    await waitFor(async () => (await get('/readyz').catch(() => undefined))?.ok);
    await sendBlocks(crew.fixture, 3);
    await waitForEmptyQueue(crew.fixture);
    expect((await get('/healthz')).status).toBe(200);
    const metrics = await waitFor(async () => {
      const text = await (await get('/metrics')).text();
      return text.includes('coxswain_worker_messages_total{outcome="done"} 3') && text;
    });
    expect(metrics).toContain('coxswain_worker_in_hand 0');
    expect((await get('/other')).status).toBe(404);
  });

  test('names invalid settings, without the connection string', async () => {
    const environment = {
      COXSWAIN_STORAGE: 'AccountKeysecret',
      COXSWAIN_SLOTS: '0',
      COXSWAIN_PROGRAMS: '{"x":1}',
    };
    const child = spawn(process.execPath, [workerEntry], {
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk));
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1);
    expect(stderr).toContain('COXSWAIN_STORAGE: expected a connection string, received another value');
    expect(stderr).toContain('COXSWAIN_SLOTS: expected an integer from 1 to 256, received 0');
    expect(stderr).toContain('COXSWAIN_PROGRAMS');
    expect(stderr).not.toContain('secret');
  });

  const freePort = async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const release = () => new Promise((resolve) => server.close(resolve));
    return { port: (server.address() as { port: number }).port, release };
  };
});

describe('a worker whose storage is killed', () => {
  const crew = useWorkers('disk');

  test('keeps running, and all blocks are done after they are put again', async () => {
    const worker = crew.start({}, { COXSWAIN_VISIBILITY_SECONDS: '2' });
    await crew.fixture.azurite.flush();
    const job = await sendBlocks(crew.fixture, 30);
    for (const { pid } of crew.fixture.azurite.children()) process.kill(pid, 'SIGKILL');
    // As an orchestrator does that finds outputs missing: what was not yet on disk is lost.
    await sendBlocks(crew.fixture, 30, undefined, job);
    const found = await waitForResults(crew.fixture, job, 30);
    expect(new Set(found.map(({ state }) => state))).toEqual(new Set(['done']));
    expect(worker.hasEnded()).toBe(false);
    expect(await worker.stop(5_000)).toEqual({ code: 0, signal: null });
  });
});
