import type { Releases } from '../../runtime/lifecycle.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Launcher } from '../../compute/launcher/port.ts';
import { AppSettings } from '../../compute/orchestrator/settings.ts';
import { getSecretNames } from '../../runtime/settings.ts';
import type { Azurite } from '../azurite/azurite.ts';
import { startHostedAppProcess } from '../hosted-app/hosted-app-process.ts';
import { serveLauncher } from './serve-launcher.ts';

/** The package of an orchestrator to host. */
export type FunctionsApp = {
  /** The zip archive that `npm run package` writes. */
  file: string;
  /** The public URL in management URIs; by default the orchestrator's own. The app never calls it. */
  publicUrl?: string | undefined;
};

type HostedOrchestratorOptions = {
  app: FunctionsApp;
  folder: string;
  /** The URL of the orchestrator, which tokens must name by default. */
  url: string;
  keys: { function: string; system: string };
  streams: boolean;
  azurite: Azurite;
  /** The launcher of this machine; undefined if the app's own settings name one. */
  launcher: Launcher | undefined;
  crewLock: string;
  releases: Releases;
  log: Logger;
};

/**
 * Starts the packaged orchestrator in a separate process, as Azure Functions would run it. It reaches this machine's launcher over
 * HTTP, and storage and the queue of events by their connection string.
 */
export const startHostedOrchestrator = async (
  options: HostedOrchestratorOptions,
): Promise<() => { name: string; pid: number }[]> => {
  const { app, folder, url, keys, streams, azurite, launcher, crewLock, releases, log } = options;
  const { connectionString } = azurite;
  const served = launcher && (await serveLauncher(launcher, log));
  if (served) releases.add("the launcher's server", served.close);
  const host = await startHostedAppProcess({
    ...app,
    folder,
    port: Number(new URL(url).port),
    systemKey: keys.system,
    settings: {
      COXSWAIN_AUDIENCE: url,
      COXSWAIN_TICK_SECONDS: '10',
      ...readVariables(ownSettings),
      ...readVariables(['IDENTITY_ENDPOINT']),
      COXSWAIN_STREAMS: streams ? 'on' : 'off',
      ...(served && { COXSWAIN_LAUNCHER_URL: served.url }),
      WEBSITE_HOSTNAME: new URL(app.publicUrl ?? url).host,
    },
    secrets: {
      COXSWAIN_KEY: keys.function,
      COXSWAIN_STORAGE: connectionString,
      COXSWAIN_EVENTS: connectionString,
      ...(served && { COXSWAIN_LAUNCHER_KEY: served.key }),
      ...readVariables(['IDENTITY_HEADER']),
    },
    flush: async () => {
      await azurite.flush();
      return azurite.restarts();
    },
    crewLock,
    log,
  });
  releases.add('the orchestrator', host.stop);
  return () => [{ name: host.child().name, pid: host.child().pid }];
};

/** The orchestrator's settings, without secrets, which the platform creates itself. */
const ownSettings = Object.keys(AppSettings.entries).filter(
  (name) => !getSecretNames(AppSettings).includes(name),
);

/** Returns variables of this process. */
const readVariables = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
