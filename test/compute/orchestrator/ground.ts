import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobId } from '../../../contracts/ids.ts';
import { Job } from '../../../contracts/job.ts';
import { limits } from '../../../contracts/job-request.ts';
import type { BlobPath } from '../../../contracts/blob-paths.ts';
import type { Launcher } from '../../../compute/launcher/port.ts';
import { startAzurite } from '../../../local/azurite/index.ts';
import { openDurableHost, type HostClient, type SessionMode } from '../../../local/durable-host/index.ts';
import { openAccess } from '../../../compute/orchestrator/access/access.ts';
import { CallerSettings } from '../../../compute/orchestrator/access/settings.ts';
import { orchestratorApp, type AppOptions } from '../../../compute/orchestrator/app.ts';
import type { OrchestratorApp } from '../../../compute/orchestrator/durable.ts';
import { openStorage, type Storage } from '../../../compute/storage/index.ts';
import { settingsFrom } from '../../../runtime/environment.ts';
import { logger } from '../../../runtime/log.ts';
import * as v from 'valibot';
import { testAlgorithms } from './algorithms.ts';

export const log = logger('test', 'silent');

/** Short enough for tests, long enough that a test which should not wait for a round would be seen to. */
export const quick = {
  firstRound: 0.3,
  lastRound: 1,
  firstLook: 0.1,
  lastLook: 0.4,
  runnerGrace: 0.3,
  stopGrace: 20,
  firstLockLook: 0.1,
  lastLockLook: 0.4,
  lockWait: 60,
  firstRetry: 0.05,
};

export type Created = (path: BlobPath) => void;

/** A real storage service, with a listener that can be changed. */
export const openGround = async () => {
  const listeners = new Set<Created>();
  const azurite = await startAzurite({
    folder: undefined,
    blobPort: 0,
    queuePort: 0,
    onCreated: ({ path }) => listeners.forEach((listener) => listener(path)),
    log,
  });
  const storage = openStorage(azurite.connectionString);
  await storage.prepare();
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-'));
  const releases: (() => Promise<void>)[] = [];
  /** Ends what a test has started, newest first. To be called after each test, whatever came of it. */
  const settle = async () => {
    for (let release = releases.pop(); release; release = releases.pop()) await release();
  };
  const close = async () => {
    await azurite.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { storage, listeners, folder, releases, settle, close, connectionString: azurite.connectionString };
};
/** Puts tasks of the same parameters into the catalogue, with a script that does nothing to speak of. */
export const putTasks = async (
  { blobs }: Storage,
  names: readonly string[],
  scriptParameters: readonly { parameterName: string; secret?: boolean }[],
): Promise<void> => {
  for (const taskName of names)
    await blobs.put(
      `tasks/${taskName}.json`,
      JSON.stringify({ taskName, dockerImage: 'image', scriptName: 'script.sh', scriptParameters }),
    );
  await blobs.put('tasks/script.sh', 'echo');
};

export type Ground = Awaited<ReturnType<typeof openGround>>;

export const noLauncher: Launcher = {
  launch: async () => {
    throw new Error('no room');
  },
  inspect: async () => 'gone',
  remove: async () => {},
};

/** What opens every route of a platform that is given no other access. */
export const platformKey = 'function-key';

export const platformAccess = openAccess({
  platformKeys: [platformKey, 'system-key'],
  settings: settingsFrom(CallerSettings, {}),
  audience: undefined,
  log,
});

export type PlatformOptions = Partial<AppOptions> & { sessions?: SessionMode; file?: string };

let files = 0;

/** The app on the real durable host. */
export const openPlatform = async (ground: Ground, options: PlatformOptions = {}) => {
  const app = orchestratorApp({
    access: platformAccess,
    storage: ground.storage,
    launcher: noLauncher,
    algorithms: testAlgorithms,
    workers: () => 2,
    flush: async () => {},
    limits,
    retentionDays: 30,
    linkSeconds: 600,
    log,
    timing: quick,
    ...options,
  });
  files += 1;
  const host = await openDurableHost({
    file: options.file ?? join(ground.folder, `jobs-${files}.db`),
    registry: app.registry,
    log,
    sessions: options.sessions ?? 'live',
    managementUris: (id) => ({ id, statusQueryGetUri: `http://host/instances/${id}?code=system-key` }),
    // On a busy machine 250 blocks take longer than usual; abandoned, they would ask for a storage that is gone, for 15 s.
    graceMilliseconds: 25_000,
  });
  const close = async () => {
    closed ??= host.close();
    await closed;
  };
  let closed: Promise<void> | undefined;
  ground.releases.push(close);
  return platform(app, host.client, close);
};
export type Platform = Awaited<ReturnType<typeof openPlatform>>;

const platform = (app: OrchestratorApp, client: HostClient, close: () => Promise<void>) => {
  const call = async (
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    headers: Record<string, string> = { 'x-functions-key': platformKey },
  ) => {
    const { pathname } = new URL(path, 'http://host/api/');
    for (const route of app.routes) {
      const pattern = new RegExp(`^/api/${route.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
      const found = route.method === method ? pattern.exec(pathname) : null;
      if (!found) continue;
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const init = { method, headers, ...(body === undefined ? {} : { body: text }) };
      const request = new Request(new URL(path, 'http://host/api/'), init);
      const answer = await route.handle(request, { ...found.groups }, client);
      return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answered };
    }
    throw new Error(`no route for ${method} ${path}`);
  };
  const view = async (id: string): Promise<Job> => v.parse(Job, (await call('GET', `jobs/${id}`)).body);
  return { app, client, close, call, view, ended: (id: string) => ended(() => view(id)) };
};

/** Answers have many forms; a test says what it expects of one. */
export type Answered = Record<string, unknown> & { error: Record<string, unknown>; jobs: Job[] };

const ended = async (view: () => Promise<Job>): Promise<Job> => {
  for (;;) {
    const job = await view();
    if (job.endedAt !== null) return job;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** Waits until a condition holds; a test's own time limit ends what never does. */
export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
};

/** Starts a compute job and answers with its id. */
export const startJob = async (
  platform: Platform,
  request: Record<string, unknown>,
  headers?: Record<string, string>,
): Promise<JobId> => {
  const whole = { algorithm: 'sum', ...request };
  const { status, body } = await platform.call('POST', 'orchestrators/ComputeOrchestrator', whole, headers);
  if (status !== 202) throw new Error(JSON.stringify(body));
  return v.parse(JobId, body['id']);
};

export const blobJson = async (storage: Storage, path: BlobPath): Promise<unknown> => {
  const body = await storage.blobs.get(path);
  return body === undefined ? undefined : JSON.parse(body.toString());
};

export const blobLines = async (storage: Storage, path: BlobPath): Promise<unknown[]> =>
  ((await storage.blobs.get(path))?.toString() ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);

export const namesUnder = async (storage: Storage, prefix: BlobPath): Promise<string[]> => {
  const names: string[] = [];
  for await (const { path } of storage.blobs.list(prefix)) names.push(path);
  return names;
};
