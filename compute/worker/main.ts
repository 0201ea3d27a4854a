import { startClean } from '../../runtime/clean-start.ts';
import { joinCrew } from '../../runtime/data-dir-lock.ts';
import { secretNamesOf, settingsFrom } from '../../runtime/settings.ts';
import { runProgram, stopRequested, type StopCause } from '../../runtime/lifecycle.ts';
import { logger } from '../../runtime/log.ts';
import { programUsers } from '../../runtime/program-users.ts';
import { environmentWithSecrets } from '../../runtime/secret-settings.ts';
import { openStorage } from '../storage/open-storage.ts';
import { builtInAlgorithms } from '../algorithms/built-in.ts';
import { serveHealth } from './health.ts';
import { Settings } from './settings.ts';
import { startWorker } from './worker.ts';

/** The worker: takes blocks off the queue until it is told to stop. Its settings are documented in `docs/worker.md`. */

const secretNames = secretNamesOf(Settings);
startClean(secretNames);
const log = logger('worker');

/** Without its parent, storage may be gone too, and the next platform waits for this process. */
const orphanGraceMilliseconds = 2_000;

await runProgram(log, async () => {
  const settings = settingsFrom(Settings, await environmentWithSecrets(secretNames));
  const runsPrograms = Object.keys(settings.COXSWAIN_PROGRAMS).length > 0;
  const programUid = settings.COXSWAIN_PROGRAM_UID;
  // Without programs, a worker needs no locks on users. A wrong setting is reported in any case.
  const users = runsPrograms || programUid !== undefined ? programUsers(programUid) : undefined;
  if (!users && runsPrograms && process.getuid?.() === 0)
    log.warn('programs run as root and can read the storage key: see docs/worker.md');
  const crew = settings.COXSWAIN_CREW_LOCK ? joinCrew(settings.COXSWAIN_CREW_LOCK) : undefined;
  const stop = stopRequested();
  const worker = startWorker({
    storage: openStorage(settings.COXSWAIN_STORAGE),
    algorithms: builtInAlgorithms(settings.COXSWAIN_PROGRAMS, users, log),
    slots: settings.COXSWAIN_SLOTS,
    visibilitySeconds: settings.COXSWAIN_VISIBILITY_SECONDS,
    exitWhenIdleSeconds: settings.COXSWAIN_EXIT_WHEN_IDLE_SECONDS ?? Infinity,
    log,
  });
  const port = settings.COXSWAIN_PORT;
  const health =
    port === undefined ? undefined : await serveHealth(worker, { host: settings.COXSWAIN_HOST, port }, log);
  log.info(
    {
      slots: settings.COXSWAIN_SLOTS,
      health: health?.url,
      programUid,
      changesUser: users !== undefined,
    },
    'takes blocks',
  );
  const cause = await Promise.race([stop, worker.ended]);
  if (cause) await worker.stop(graceOf(cause, settings.COXSWAIN_GRACE_SECONDS * 1_000));
  log.info({ cause: cause ?? 'idle' }, 'ended');
  crew?.release();
  return 0;
});

function graceOf(cause: StopCause, graceMilliseconds: number): number {
  return cause === 'parent' ? Math.min(graceMilliseconds, orphanGraceMilliseconds) : graceMilliseconds;
}
