import { createHmac } from 'node:crypto';
import { resolve } from 'node:path';
import { createConfiguredApp } from '../../compute/orchestrator/configured-app.ts';
import { openStorage } from '../../compute/storage/open-storage.ts';
import type { Storage } from '../../compute/storage/port.ts';
import { retry } from '../../runtime/async/retry.ts';
import { createFolder, FolderError } from '../../runtime/create-folder.ts';
import { DataDirInUseError, lockDataDir, type LockHandle } from '../../runtime/data-dir-lock.ts';
import { createWebListener, listen } from '../../runtime/http-server.ts';
import type { Releases } from '../../runtime/lifecycle.ts';
import type { Logger } from '../../runtime/log.ts';
import { restrictNewFiles } from '../../runtime/private-files.ts';
import { registerSecret } from '../../runtime/secrets.ts';
import { SettingsError } from '../../runtime/settings.ts';
import { openApp, type RunningApp } from '../compute/serve-app.ts';
import type { EmbeddedSettings } from './settings.ts';

type StartOptions = {
  releases: Releases;
  /** Aborted when the program is asked to stop. */
  signal: AbortSignal;
  log: Logger;
};

/** No events arrive from the storage account: batches find their outputs by polling, as early as on one machine. */
const timing = { minBatchPoll: 5 };

/**
 * Starts the orchestrator on the durable host with the jobs of its folder. It listens at once, for `/healthz` and `/readyz`. Resolves when
 * it is ready: when the storage account could be reached. Returns undefined if it was stopped before. `releases` stops it.
 * @throws SettingsError, PortInUseError
 */
export const startEmbeddedOrchestrator = async (
  settings: EmbeddedSettings,
  { releases, signal, log }: StartOptions,
): Promise<{ port: number } | undefined> => {
  const { COXSWAIN_STORAGE, COXSWAIN_KEY, HOST: host, PORT, PUBLIC_URL } = settings;
  const folder = resolve(settings.COXSWAIN_DATA);
  const lock = lockFolder(folder);
  releases.add('the data folder', () => lock.release());
  const storage = openStorage(COXSWAIN_STORAGE);
  const app = createConfiguredApp(settings, { storage, audience: PUBLIC_URL, timing, log });

  let running: RunningApp | undefined;
  const listener = createWebListener(
    (request) => answer(request, running),
    (error) => log.error({ err: error }, 'request failed'),
  );
  const { port, close } = await listen(listener, { what: 'the orchestrator', host, port: PORT });
  releases.add('the server', close);
  log.info({ host, port }, 'the orchestrator is listening');

  if (!(await prepareStorage(storage, signal, log))) return undefined;
  const url = PUBLIC_URL ?? `http://127.0.0.1:${port}`;
  running = await openApp(app, { folder, url, systemKey: deriveSystemKey(COXSWAIN_KEY), releases, log });
  releases.add('the routes', () => (running = undefined));
  log.info({ folder }, 'the orchestrator is ready');
  return { port };
};

/** Creates the folder if it is missing, and locks it for this process. @throws SettingsError */
const lockFolder = (folder: string): LockHandle => {
  restrictNewFiles();
  try {
    createFolder(folder, 'Set COXSWAIN_DATA to another folder.');
    return lockDataDir(folder);
  } catch (cause) {
    if (cause instanceof FolderError) throw new SettingsError(cause.message, { cause });
    if (!(cause instanceof DataDirInUseError)) throw cause;
    throw new SettingsError(
      `COXSWAIN_DATA: expected a folder that no other orchestrator uses, received ${JSON.stringify(folder)}`,
      { cause },
    );
  }
};

/** Creates containers and queues, as soon as the storage account can be reached. Returns false if it was stopped before. */
const prepareStorage = async (storage: Storage, signal: AbortSignal, log: Logger): Promise<boolean> => {
  try {
    await retry(() => storage.prepare(), {
      backoff: { minMilliseconds: 500, maxMilliseconds: 10_000 },
      signal,
      onRetry: ({ error }) => log.warn({ err: error }, 'the storage account is unavailable: retrying'),
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return !signal.aborted;
};

/**
 * Returns the key of the Durable HTTP API. It is part of the management URIs, so it must not be the platform's own key, and it stays the
 * same when the orchestrator restarts.
 */
const deriveSystemKey = (platformKey: string): string => {
  const key = createHmac('sha256', platformKey).update('Durable HTTP API').digest('base64url');
  registerSecret(key);
  return key;
};

/** Answers the probes of a container without a key, and everything else as the app does. */
const answer = async (request: Request, running: RunningApp | undefined): Promise<Response> => {
  const { pathname } = new URL(request.url);
  if (pathname === '/healthz') return new Response('ok\n');
  if (pathname === '/readyz' && running) return new Response('ready\n');
  return running ? running.handle(request) : new Response('not ready\n', { status: 503 });
};
