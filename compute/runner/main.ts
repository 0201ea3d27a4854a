import { startClean } from '../../runtime/clean-start.ts';
import { joinDataDir } from '../../runtime/data-dir-lock.ts';
import { getSecretNames, readSettings } from '../../runtime/settings.ts';
import { runProgram, waitForStopRequest, sendToParent } from '../../runtime/lifecycle.ts';
import { createLogger } from '../../runtime/log.ts';
import { isConfigRequested, printConfig } from '../../runtime/print-config.ts';
import { createProgramUsers } from '../../runtime/program-users.ts';
import { readSettingSources } from '../../runtime/secret-settings.ts';
import { SettingFiles } from '../../runtime/setting-files.ts';
import { receiveOrder } from './run-spec.ts';
import { runTask } from './run-task.ts';
import { RunnerSettings } from './settings.ts';

/* The task runner: runs the script of one task, and exits with 0 regardless of the script's exit code. */

const secretNames = getSecretNames(RunnerSettings);
if (!isConfigRequested()) startClean(secretNames);
const log = createLogger('runner');
await runProgram(log, async () => {
  if (isConfigRequested()) return printConfig('runner', RunnerSettings);
  const stop = new AbortController();
  // Before the run spec arrives: the launcher can die right after it has sent it.
  void waitForStopRequest().then((cause) => stop.abort(cause));
  const { environment, unreadable } = await readSettingSources(new SettingFiles(secretNames));
  const settings = readSettings(RunnerSettings, environment, { unreadable });
  if (settings.COXSWAIN_CREW_LOCK !== undefined) joinDataDir(settings.COXSWAIN_CREW_LOCK);
  const users = createProgramUsers(settings.COXSWAIN_PROGRAM_UID);
  const order = await receiveOrder(settings.COXSWAIN_ORDER);
  return runTask(order, {
    stop: stop.signal,
    users,
    isContainer: settings.COXSWAIN_ORDER !== undefined,
    identity: {
      endpoint: settings.IDENTITY_ENDPOINT,
      header: settings.IDENTITY_HEADER,
      waitSeconds: settings.COXSWAIN_IDENTITY_SECONDS,
    },
    graceMilliseconds: settings.COXSWAIN_GRACE_MILLISECONDS,
    onStarted: (pid) => sendToParent({ script: pid }),
    log,
  });
});
