import { readSettings } from '../../runtime/settings.ts';
import { createLogger } from '../../runtime/log.ts';
import { runProgram } from '../../runtime/lifecycle.ts';
import { bypassProxyForLoopback } from '../../runtime/loopback.ts';
import { isConfigRequested, printConfig } from '../../runtime/print-config.ts';
import { openStorage } from '../storage/open-storage.ts';
import { registerFunctions } from './azure-functions/register.ts';
import { createConfiguredApp } from './configured-app.ts';
import { OrchestratorSettings } from './settings.ts';

/** The entry point of the Azure Functions app. It registers the functions that the Functions host calls. */

bypassProxyForLoopback();
const log = createLogger('orchestrator');
if (isConfigRequested())
  await runProgram(log, () => printConfig('orchestrator', OrchestratorSettings, { readsFiles: false }));
const settings = readSettings(OrchestratorSettings, process.env, { warn: (message) => log.warn(message) });
const storage = openStorage(settings.COXSWAIN_STORAGE);
const { WEBSITE_HOSTNAME: host } = settings;
const audience = host === undefined ? undefined : `https://${host}`;
// Messages that are not events go to the account of the queue `events`, where the host also puts its poison messages.
const { poisonEvents } = openStorage(settings.COXSWAIN_EVENTS);
const app = createConfiguredApp(settings, { storage: { ...storage, poisonEvents }, audience, log });

registerFunctions(app, storage.blobs, { streams: settings.COXSWAIN_STREAMS === 'on' });
