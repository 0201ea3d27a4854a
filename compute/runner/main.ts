import * as v from 'valibot';
import { startClean } from '../../runtime/clean-start.ts';
import { joinCrew } from '../../runtime/data-dir-lock.ts';
import { integerText, settingsFrom } from '../../runtime/settings.ts';
import { runProgram, stopRequested, tellParent } from '../../runtime/lifecycle.ts';
import { logger } from '../../runtime/log.ts';
import { ProgramUid, programUidName } from '../../runtime/program-user.ts';
import { programUsers } from '../../runtime/program-users.ts';
import { orderName, receiveOrder } from './run-spec.ts';
import { runTask } from './run-task.ts';

/** The task runner: runs one task's script, on one order, and ends with 0 however the script ended. */
const Settings = v.object({
  /** See `runtime/data-dir-lock.ts`. */
  COXSWAIN_CREW_LOCK: v.optional(v.string()),
  /** Between SIGTERM and SIGKILL of the script. */
  COXSWAIN_GRACE_MILLISECONDS: v.optional(integerText(0, 600_000), '5000'),
  /** The user as which the script runs, see `runtime/program-user.ts`. */
  [programUidName]: ProgramUid,
});

startClean([orderName]);
const log = logger('runner');
await runProgram(log, async () => {
  const settings = settingsFrom(Settings);
  if (settings.COXSWAIN_CREW_LOCK !== undefined) joinCrew(settings.COXSWAIN_CREW_LOCK);
  const users = programUsers(settings.COXSWAIN_PROGRAM_UID);
  const stop = new AbortController();
  // Before the order comes: a launcher that dies right after it has sent it must not go unnoticed.
  void stopRequested().then((cause) => stop.abort(cause));
  const order = await receiveOrder();
  await runTask(order, {
    stop: stop.signal,
    users,
    graceMilliseconds: settings.COXSWAIN_GRACE_MILLISECONDS,
    onStarted: (pid) => tellParent({ script: pid }),
    log,
  });
});
