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

/** The task runner: runs the script of one task, and exits with 0 whatever the script's exit code is. */
const RunnerSettings = v.object({
  /** The shared lock of the data folder, see `runtime/data-dir-lock.ts`. */
  COXSWAIN_CREW_LOCK: v.optional(v.string()),
  /** The time between SIGTERM and SIGKILL of the script. */
  COXSWAIN_GRACE_MILLISECONDS: v.optional(integerSetting(0, 600_000), '5000'),
  /** The user as which the script runs, see `runtime/program-user.ts`. */
  [programUidName]: ProgramUid,
});

startClean([runSpecName]);
const log = createLogger('runner');
await runProgram(log, async () => {
  const settings = readSettings(RunnerSettings);
  if (settings.COXSWAIN_CREW_LOCK !== undefined) joinDataDir(settings.COXSWAIN_CREW_LOCK);
  const users = createProgramUsers(settings.COXSWAIN_PROGRAM_UID);
  const stop = new AbortController();
  // Before the run spec arrives: the launcher can die right after it has sent it.
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
