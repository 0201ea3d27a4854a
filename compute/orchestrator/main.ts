import { settingsFrom } from '../../runtime/settings.ts';
import { logger } from '../../runtime/log.ts';
import { keepLoopbackDirect } from '../../runtime/loopback.ts';
import type { Launcher } from '../launcher/port.ts';
import { openStorage } from '../storage/open-storage.ts';
import { builtInAlgorithms } from '../algorithms/built-in.ts';
import { openAccess } from './auth/authenticate.ts';
import { orchestratorApp } from './app.ts';
import { registerFunctions } from './azure-functions/register.ts';
import { Settings } from './settings.ts';

/** The orchestrator as an Azure Functions app: registers its functions, and the Functions host calls them. */

/** Stands where this app has no launcher yet: a task then ends as `launch-failed`, and says why. */
const noLauncher: Launcher = {
  launch: () => Promise.reject(new Error('this orchestrator has no launcher')),
  inspect: () => Promise.resolve('gone'),
  remove: () => Promise.resolve(),
};

keepLoopbackDirect();
const settings = settingsFrom(Settings);
const storage = openStorage(settings.COXSWAIN_STORAGE);

const log = logger('orchestrator');
const { WEBSITE_HOSTNAME: host } = settings;
const access = openAccess({
  platformKeys: [settings.COXSWAIN_KEY],
  settings,
  audience: host === undefined ? undefined : `https://${host}`,
  log,
});

const app = orchestratorApp({
  access,
  storage,
  launcher: noLauncher,
  algorithms: builtInAlgorithms(),
  workers: () => null,
  flush: () => Promise.resolve(),
  limits: {
    inputs: settings.COXSWAIN_MOST_INPUTS,
    blocks: settings.COXSWAIN_MOST_BLOCKS,
    timeoutSeconds: settings.COXSWAIN_MOST_SECONDS,
    inputBytes: settings.COXSWAIN_MOST_INPUT_BYTES,
  },
  retentionDays: settings.COXSWAIN_RETENTION_DAYS,
  linkSeconds: settings.COXSWAIN_LINK_SECONDS,
  log,
});

registerFunctions(app, storage.blobs);
