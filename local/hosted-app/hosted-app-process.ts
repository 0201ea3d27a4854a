import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { startChild, type Child } from '../../runtime/child-process.ts';
import { PortInUseError } from '../../runtime/http-server.ts';
import type { Logger } from '../../runtime/log.ts';
import { supervise } from '../../runtime/supervised-child.ts';
import { UserFacingError } from '../../runtime/user-facing-error.ts';
import type { FlushStorage } from './durable-storage.ts';
import { HostReport, type FlushedMessage } from './ipc-messages.ts';
import { openAppPackage, packageFolder } from './package/app-package.ts';

export type HostedAppProcessOptions = {
  /** The package of the Functions app. */
  file: string;
  /** The data folder, with `jobs.db`. */
  folder: string;
  port: number;
  /** The public URL in management URIs; by default the host's own. */
  publicUrl?: string | undefined;
  systemKey: string;
  /** The app's settings without and with secrets, by their names. */
  settings: Readonly<Record<string, string>>;
  secrets: Readonly<Record<string, string>>;
  flush: FlushStorage;
  crewLock?: string | undefined;
  log: Logger;
};

/** A Functions host with its app in a supervised process. */
export type HostedAppProcess = {
  port: number;
  child: () => Child;
  /** Stops it, so that it is not started again. */
  stop: () => Promise<void>;
};

const name = 'orchestrator';
const entry = fileURLToPath(new URL('./main.ts', import.meta.url));
const graceMilliseconds = 15_000;

/**
 * Starts the host. Resolves when its app is loaded and it listens. A host that exits is started again, on the same port.
 * @throws SettingsError if the file is not a package, PortInUseError, or UserFacingError if its first process exits before it is ready
 */
export const startHostedAppProcess = async (options: HostedAppProcessOptions): Promise<HostedAppProcess> => {
  // The child unpacks it again. Checked here, a mistake of the user is not a crash of the child.
  openAppPackage(options.file, join(options.folder, packageFolder));
  const first = Promise.withResolvers<void>();
  let { port } = options;

  const handleReport = async (child: Child, message: unknown): Promise<void> => {
    const report = v.parse(HostReport, message);
    if (report.kind === 'port-in-use') first.reject(new PortInUseError(port, 'the orchestrator'));
    else if (report.kind === 'flush') {
      const restarts = await options.flush();
      child.send({ kind: 'flushed', id: report.id, restarts } satisfies FlushedMessage);
    } else {
      // After a restart, clients expect the same port.
      ({ port } = report);
      first.resolve();
    }
  };
  const watchExit = async (child: Child): Promise<void> => {
    await child.ended;
    first.reject(
      new UserFacingError(`The orchestrator in ${options.file} exited before it was ready; see its log.`),
    );
  };
  const start = (): Child => {
    const child = startChild({
      name,
      entry,
      environment: buildEnvironment({ ...options, port }),
      secrets: { ...options.secrets, FUNCTIONS_HOST_SYSTEM_KEY: options.systemKey },
      onMessage: (message) => void handleReport(child, message),
    });
    void watchExit(child);
    return child;
  };

  const running = supervise({ name, start, log: options.log });
  const stop = () => running.stop(graceMilliseconds);
  try {
    await first.promise;
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, child: () => running.current(), stop };
};

const buildEnvironment = ({
  file,
  folder,
  port,
  publicUrl,
  crewLock,
  settings,
}: HostedAppProcessOptions): Record<string, string> => ({
  ...settings,
  FUNCTIONS_HOST_PACKAGE: file,
  FUNCTIONS_HOST_FOLDER: folder,
  FUNCTIONS_HOST_PORT: String(port),
  ...(publicUrl === undefined ? {} : { FUNCTIONS_HOST_PUBLIC_URL: publicUrl }),
  ...(crewLock === undefined ? {} : { COXSWAIN_CREW_LOCK: crewLock }),
});
