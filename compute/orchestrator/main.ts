import { readSettings } from '../../runtime/settings.ts';
import { createLogger } from '../../runtime/log.ts';
import { bypassProxyForLoopback } from '../../runtime/loopback.ts';
import type { Launcher } from '../launcher/port.ts';
import { openStorage } from '../storage/open-storage.ts';
import { createBuiltInAlgorithms } from '../algorithms/built-in.ts';
import { createAuthenticator } from './auth/authenticate.ts';
import { createOrchestratorApp } from './app.ts';
import { registerFunctions } from './azure-functions/register.ts';
import { OrchestratorSettings } from './settings.ts';

/** The entry point of the Azure Functions app. It registers the functions that the Functions host calls. */

/** The launcher of this app, which has none yet: each task ends as `launch-failed` with this reason. */
const noLauncher: Launcher = {
  launch: () => Promise.reject(new Error('this orchestrator has no launcher')),
  inspect: () => Promise.resolve('gone'),
  remove: () => Promise.resolve(),
};

bypassProxyForLoopback();
const log = createLogger('orchestrator');
const settings = readSettings(OrchestratorSettings, process.env, (message) => log.warn(message));
const storage = openStorage(settings.COXSWAIN_STORAGE);

const { WEBSITE_HOSTNAME: host } = settings;
const access = createAuthenticator({
  platformKeys: [settings.COXSWAIN_KEY],
  settings,
  audience: host === undefined ? undefined : `https://${host}`,
  log,
});

const streams = settings.COXSWAIN_STREAMS === 'on';
const app = createOrchestratorApp({
  access,
  storage,
  launcher: noLauncher,
  algorithms: createBuiltInAlgorithms(),
  workers: () => null,
  flush: () => Promise.resolve(),
  limits: {
    inputs: settings.COXSWAIN_MAX_INPUTS,
    blocks: settings.COXSWAIN_MAX_BLOCKS,
    timeoutSeconds: settings.COXSWAIN_MAX_SECONDS,
    inputBytes: settings.COXSWAIN_MAX_INPUT_BYTES,
  },
  retentionDays: settings.COXSWAIN_RETENTION_DAYS,
  linkSeconds: settings.COXSWAIN_LINK_SECONDS,
  streams,
  log,
});

registerFunctions(app, storage.blobs, { streams });
