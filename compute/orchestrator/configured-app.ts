import type { Logger } from '../../runtime/log.ts';
import { openContainerInstances } from '../launcher/container-instances/open-container-instances.ts';
import { createHttpLauncher } from '../launcher/http/http-launcher.ts';
import type { Launcher } from '../launcher/port.ts';
import type { Blobs, Storage } from '../storage/port.ts';
import { createBuiltInAlgorithms } from '../algorithms/built-in.ts';
import { createAuthenticator } from './auth/authenticate.ts';
import { createOrchestratorApp } from './app.ts';
import type { OrchestratorApp } from './durable.ts';
import { checkLinkLifetime } from './link-lifetime.ts';
import type { AppSettings } from './settings.ts';
import type { Timing } from './timing.ts';

/** The launcher of an app that has none: each task ends as `launch-failed` with this message. */
const noLauncher: Launcher = {
  launch: () =>
    Promise.resolve({
      kind: 'never',
      message:
        'This orchestrator has no launcher, so it runs no tasks. Set COXSWAIN_LAUNCHER_URL and COXSWAIN_LAUNCHER_KEY in its settings, or those of Azure Container Instances.',
    }),
  inspect: () => Promise.resolve({ state: 'gone', message: null }),
  remove: () => Promise.resolve('gone'),
};

/** Returns the launcher that the settings name, if they name one. */
const openLauncher = (settings: AppSettings, blobs: Blobs, log: Logger): Launcher => {
  const containerInstances = openContainerInstances(settings, blobs, log);
  if (containerInstances) return containerInstances;
  const { COXSWAIN_LAUNCHER_URL: url, COXSWAIN_LAUNCHER_KEY: key } = settings;
  return url === undefined || key === undefined ? noLauncher : createHttpLauncher({ url, key });
};

type ConfiguredAppOptions = {
  storage: Storage;
  /** The app's public base URL, which tokens must name; undefined if it is unknown. */
  audience: string | undefined;
  timing?: Partial<Timing>;
  log: Logger;
};

/**
 * Creates the orchestrator that an operator configures with settings, for any host. Others start its workers, and its storage keeps what
 * it has written.
 */
export const createConfiguredApp = (
  settings: AppSettings,
  { storage, audience, timing, log }: ConfiguredAppOptions,
): OrchestratorApp => {
  const launcher = openLauncher(settings, storage.blobs, log);
  const waits = {
    launchSeconds: settings.COXSWAIN_LAUNCH_SECONDS,
    startSeconds: settings.COXSWAIN_START_SECONDS,
  };
  // Only tasks have such links.
  if (launcher !== noLauncher) checkLinkLifetime(settings.COXSWAIN_MAX_SECONDS, waits);
  return createOrchestratorApp({
    access: createAuthenticator({ platformKeys: [settings.COXSWAIN_KEY], settings, audience, log }),
    storage,
    launcher,
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
    streams: settings.COXSWAIN_STREAMS === 'on',
    tickSeconds: settings.COXSWAIN_TICK_SECONDS,
    timing: {
      ...timing,
      maxLaunchWait: waits.launchSeconds,
      maxStartWait: waits.startSeconds,
    },
    log,
  });
};
