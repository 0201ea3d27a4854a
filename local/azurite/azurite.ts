import { randomBytes } from 'node:crypto';
import type { Logger } from '../../runtime/log.ts';
import { registerSecret } from '../../runtime/secrets.ts';
import type { StorageAccount } from './azurite-internals.ts';
import type { CreatedBlob } from './ipc-messages.ts';
import { startService } from './azurite-service.ts';

export type { CreatedBlob } from './ipc-messages.ts';

export type AzuriteOptions = {
  /** The data folder; undefined to keep the data in memory. */
  folder: string | undefined;
  /** 0: any free port. */
  blobPort: number;
  queuePort: number;
  /** Called for each blob that is created or replaced, right after it is stored. */
  onCreated?: (blob: CreatedBlob) => void;
  /** The account's key in base64; by default a random key for this start. */
  key?: string;
  /** The crew lock that its processes join, see `runtime/data-dir-lock.ts`. */
  crewLock?: string;
  log: Logger;
};

/** Azurite's blob and queue services, each in a supervised process of its own. */
export type Azurite = {
  /** Stays the same when a process is started again. */
  connectionString: string;
  /**
   * Resolves when all data of the running processes is on disk, so that a crash does not lose it. While a process is down, it waits for
   * the next one. Data that a process had not saved when it crashed is lost: callers that rely on their blobs must check afterwards
   * that these exist.
   */
  flush: () => Promise<void>;
  /** Returns how often a process was started again after a crash, which can have lost data. */
  restarts: () => number;
  children: () => { name: string; pid: number }[];
  /** Saves the data and stops both services. */
  stop: () => Promise<void>;
};

/** The name of the account, which is the same in every Azurite. Blobs and messages are stored under it. */
export const accountName = 'devstoreaccount1';

/** Returns a new random account key, as long as Azure's. */
export const generateAccountKey = (): string => randomBytes(64).toString('base64');

/**
 * Starts Azurite. Resolves when both services are ready. A service that exits is restarted on the same port.
 * @throws PortInUseError
 */
export const startAzurite = async (options: AzuriteOptions): Promise<Azurite> => {
  const { folder, key = generateAccountKey(), crewLock, log, onCreated = () => {} } = options;
  registerSecret(key);
  const account = { name: accountName, key };
  const shared = { folder, account, crewLock, log, onCreated };
  const started = await Promise.allSettled([
    startService({ ...shared, service: 'blob', port: options.blobPort }),
    startService({ ...shared, service: 'queue', port: options.queuePort }),
  ]);
  const services = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async () => void (await Promise.all(services.map((service) => service.stop())));
  const [blob, queue] = services;
  if (!blob || !queue) {
    await stop();
    throw started.find((result) => result.status === 'rejected')?.reason;
  }
  return {
    connectionString: buildConnectionString(account, blob.port, queue.port),
    flush: async () => void (await Promise.all(services.map((service) => service.flush()))),
    restarts: () => services.reduce((sum, service) => sum + service.restarts(), 0),
    children: () => services.map(({ name, pid }) => ({ name, pid: pid() })),
    stop,
  };
};

const buildConnectionString = ({ name, key }: StorageAccount, blobPort: number, queuePort: number): string =>
  [
    'DefaultEndpointsProtocol=http',
    `AccountName=${name}`,
    `AccountKey=${key}`,
    `BlobEndpoint=http://127.0.0.1:${blobPort}/${name}`,
    `QueueEndpoint=http://127.0.0.1:${queuePort}/${name}`,
  ].join(';');
