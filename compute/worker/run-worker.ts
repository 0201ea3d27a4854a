import { joinDataDir } from '../../runtime/data-dir-lock.ts';
import type { StopCause } from '../../runtime/lifecycle.ts';
import type { Logger } from '../../runtime/log.ts';
import { createProgramUsers } from '../../runtime/program-users.ts';
import { readSettingSources } from '../../runtime/secret-settings.ts';
import { SettingFiles } from '../../runtime/setting-files.ts';
import { readSettings } from '../../runtime/settings.ts';
import { createBuiltInAlgorithms } from '../algorithms/built-in.ts';
import { openStorage } from '../storage/open-storage.ts';
import { serveHealth } from './health.ts';
import { WorkerSettings } from './settings.ts';
import { startWorker } from './worker.ts';

/** After its parent has ended, storage may be unavailable too, and the next platform waits for this process to exit. */
const orphanGraceMilliseconds = 2_000;

/**
 * Runs the worker until it is asked to stop, is idle for long enough, or settings in files have changed. Its settings are documented in
 * `docs/configuration.md`.
 */
export const runWorker = async (
  secretNames: readonly string[],
  stop: Promise<StopCause>,
  log: Logger,
): Promise<void> => {
  const files = new SettingFiles(secretNames);
  const { environment, unreadable } = await readSettingSources(files);
  const settings = readSettings(WorkerSettings, environment, { unreadable });
  const runsPrograms = Object.keys(settings.COXSWAIN_PROGRAMS).length > 0;
  const programUid = settings.COXSWAIN_PROGRAM_UID;
  // Without programs, a worker needs no locks on users. A wrong setting is reported in any case.
  const users = runsPrograms || programUid !== undefined ? createProgramUsers(programUid) : undefined;
  if (!users && runsPrograms && process.getuid?.() === 0)
    log.warn('programs run as root and can read the storage key: see docs/worker.md');
  if (runsPrograms && process.pid === 1)
    log.warn('no init process reaps the processes that programs leave behind: see docs/worker.md');
  const dataDirLock = settings.COXSWAIN_CREW_LOCK ? joinDataDir(settings.COXSWAIN_CREW_LOCK) : undefined;
  const worker = startWorker({
    storage: openStorage(settings.COXSWAIN_STORAGE),
    algorithms: createBuiltInAlgorithms(settings.COXSWAIN_PROGRAMS, users, log),
    slots: settings.COXSWAIN_SLOTS,
    visibilitySeconds: settings.COXSWAIN_VISIBILITY_SECONDS,
    exitWhenIdleSeconds: settings.COXSWAIN_EXIT_WHEN_IDLE_SECONDS ?? Infinity,
    log,
  });
  const port = settings.COXSWAIN_PORT;
  const health =
    port === undefined ? undefined : await serveHealth(worker, { host: settings.COXSWAIN_HOST, port }, log);
  log.info(
    { slots: settings.COXSWAIN_SLOTS, health: health?.url, programUid, changesUser: users !== undefined },
    'worker started',
  );
  const ended = new AbortController();
  const changed = files.waitForChange({ log, signal: ended.signal });
  const cause = await Promise.race([stop, changed, worker.ended]);
  ended.abort();
  if (cause) await worker.stop(getGrace(cause, settings.COXSWAIN_GRACE_SECONDS * 1_000));
  log.info({ cause: cause ?? 'idle' }, 'worker stopped');
  dataDirLock?.release();
};

const getGrace = (cause: StopCause | 'changed files', graceMilliseconds: number): number =>
  cause === 'parent' ? Math.min(graceMilliseconds, orphanGraceMilliseconds) : graceMilliseconds;
