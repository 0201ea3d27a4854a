import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { startChild, type Child } from '../../runtime/child-process.ts';
import type { Logger } from '../../runtime/log.ts';
import { PortInUseError } from '../../runtime/http-server.ts';
import { supervise } from '../../runtime/supervised-child.ts';
import { PendingFlushes } from './pending-flushes.ts';
import type { StorageAccount, AzuriteServiceName } from './azurite-internals.ts';
import { ServiceReport, type CreatedBlob, type FlushCommand } from './ipc-messages.ts';

export type ServiceOptions = {
  service: AzuriteServiceName;
  folder: string | undefined;
  port: number;
  crewLock: string | undefined;
  account: StorageAccount;
  onCreated: (blob: CreatedBlob) => void;
  log: Logger;
};

/** One Azurite service in a supervised process of its own. */
export type RunningService = {
  name: string;
  port: number;
  pid: () => number;
  /** Resolves when all writes before the call are on disk. While the process is down, it waits for the next one. */
  flush: () => Promise<void>;
  /** Returns how often the process was started again. What it had not saved before is lost. */
  restarts: () => number;
  stop: () => Promise<void>;
};

const entry = fileURLToPath(new URL('./main.ts', import.meta.url));
const graceMilliseconds = 5_000;

/** Starts the service. Resolves when it is ready. @throws PortInUseError, or if its first process exits before it is ready */
export const startService = async (options: ServiceOptions): Promise<RunningService> => {
  const name = `azurite-${options.service}`;
  const first = Promise.withResolvers<void>();
  const flushes = new PendingFlushes((id) =>
    running.current().send({ kind: 'flush', id } satisfies FlushCommand),
  );
  let { port } = options;
  let restarts = -1;

  const handleReport = (message: unknown): void => {
    const report = v.parse(ServiceReport, message);
    if (report.kind === 'created') report.blobs.forEach(options.onCreated);
    else if (report.kind === 'flushed') flushes.complete(report.id);
    else if (report.kind === 'port-in-use') first.reject(new PortInUseError(port, name));
    else {
      // After a restart, clients expect the same port.
      ({ port } = report);
      first.resolve();
      flushes.processReady();
    }
  };
  const watchExit = async (child: Child): Promise<void> => {
    await child.ended;
    flushes.processGone();
    first.reject(new Error(`${name} exited before it was ready; see its log`));
  };
  const start = (): Child => {
    restarts += 1;
    const child = startChild({
      name,
      entry,
      environment: buildEnvironment({ ...options, port }),
      secrets: { COXSWAIN_AZURITE_KEY: options.account.key },
      onMessage: handleReport,
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
  return {
    name,
    port,
    pid: () => running.current().pid,
    flush: () => flushes.request(),
    restarts: () => restarts,
    stop,
  };
};

/** Requests produce much garbage: with a small young generation, the process uses a third less memory and slightly more CPU. */
const nodeOptions = '--max-semi-space-size=4';

const buildEnvironment = ({
  service,
  port,
  folder,
  account,
  crewLock,
}: ServiceOptions): Record<string, string> => ({
  NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} ${nodeOptions}`,
  COXSWAIN_AZURITE_SERVICE: service,
  COXSWAIN_AZURITE_PORT: String(port),
  COXSWAIN_AZURITE_ACCOUNT: account.name,
  ...(folder === undefined ? {} : { COXSWAIN_AZURITE_FOLDER: folder }),
  ...(crewLock === undefined ? {} : { COXSWAIN_CREW_LOCK: crewLock }),
});
