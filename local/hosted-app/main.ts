import { joinDataDir } from '../../runtime/data-dir-lock.ts';
import { PortInUseError } from '../../runtime/http-server.ts';
import { Releases, runProgram, sendToParent, waitForStopRequest } from '../../runtime/lifecycle.ts';
import { createLogger } from '../../runtime/log.ts';
import { readSettingSources } from '../../runtime/secret-settings.ts';
import { registerSecret } from '../../runtime/secrets.ts';
import { SettingFiles } from '../../runtime/setting-files.ts';
import { readSettings } from '../../runtime/settings.ts';
import { connectParentStorage } from './parent-storage.ts';
import type { HostReport } from './ipc-messages.ts';
import { HostedAppSettings } from './settings.ts';
import { startHostedApp } from './start-hosted-app.ts';

/** The Functions host with an app as a child process, which `hosted-app-process.ts` starts. It exits with its parent. */

const log = createLogger('orchestrator');
const report: (message: HostReport) => void = sendToParent;

await runProgram(log, async () => {
  const stopping = waitForStopRequest();
  const { environment, origins } = await readSettingSources(new SettingFiles([]));
  const settings = readSettings(HostedAppSettings, environment);
  if (settings.COXSWAIN_CREW_LOCK !== undefined) joinDataDir(settings.COXSWAIN_CREW_LOCK);
  // The parent sends only secrets, including the app's.
  for (const name of Object.keys(origins)) registerSecret(environment[name]);
  // The app reads all its settings from its environment, as on Azure. What is added here is invisible to other processes.
  Object.assign(process.env, environment);
  const releases = new Releases();
  try {
    const flush = connectParentStorage();
    const { port } = await startHostedApp(settings, { environment, flush, releases, log });
    report({ kind: 'ready', port });
    await stopping;
    return 0;
  } catch (error) {
    if (!(error instanceof PortInUseError)) throw error;
    await new Promise((sent) => process.send?.({ kind: 'port-in-use' } satisfies HostReport, sent));
    return 1;
  } finally {
    await releases.end();
  }
});
