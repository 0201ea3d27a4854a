import * as v from 'valibot';
import { startClean } from '../../runtime/clean-start.ts';
import { joinDataDir } from '../../runtime/data-dir-lock.ts';
import { integerSetting, readSettings } from '../../runtime/settings.ts';
import { runProgram, waitForStopRequest, sendToParent } from '../../runtime/lifecycle.ts';
import { createLogger } from '../../runtime/log.ts';
import { ProgramUid, programUidName } from '../../runtime/program-user.ts';
import { createProgramUsers } from '../../runtime/program-users.ts';
import { runSpecName, receiveRunSpec } from './run-spec.ts';
import { runTask } from './run-task.ts';

/** The task runner: runs one task's script, on one order, and ends with 0 however the script ended. */
const Settings = v.object({
  /** See `runtime/data-dir-lock.ts`. */
  COXSWAIN_CREW_LOCK: v.optional(v.string()),
  /** Between SIGTERM and SIGKILL of the script. */
  COXSWAIN_GRACE_MILLISECONDS: v.optional(integerSetting(0, 600_000), '5000'),
  /** The user as which the script runs, see `runtime/program-user.ts`. */
  [programUidName]: ProgramUid,
});

startClean([runSpecName]);
const log = createLogger('runner');
await runProgram(log, async () => {
  const settings = readSettings(Settings);
  if (settings.COXSWAIN_CREW_LOCK !== undefined) joinDataDir(settings.COXSWAIN_CREW_LOCK);
  const users = createProgramUsers(settings.COXSWAIN_PROGRAM_UID);
  const stop = new AbortController();
  // Before the order comes: a launcher that dies right after it has sent it must not go unnoticed.
  void waitForStopRequest().then((cause) => stop.abort(cause));
  const spec = await receiveRunSpec();
  await runTask(spec, {
    stop: stop.signal,
    users,
    graceMilliseconds: settings.COXSWAIN_GRACE_MILLISECONDS,
    onStarted: (pid) => sendToParent({ script: pid }),
    log,
  });
});
