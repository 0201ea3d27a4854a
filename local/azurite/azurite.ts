import { randomBytes } from 'node:crypto';
import type { Logger } from '../../runtime/log.ts';
import { registerSecret } from '../../runtime/secrets.ts';
import type { StorageAccount } from './azurite-internals.ts';
import type { CreatedBlob } from './ipc-messages.ts';
import { startService } from './azurite-service.ts';

export type { CreatedBlob } from './ipc-messages.ts';

export type AzuriteOptions = {
  /** Where its data lies; undefined: in memory. */
  folder: string | undefined;
  /** 0: any free port. */
  blobPort: number;
  queuePort: number;
  /** Told of each blob that is created or replaced, right after it is stored. */
  onCreated?: (blob: CreatedBlob) => void;
  /** The account's key in base64; by default a random key for this start. */
  key?: string;
  /** The crew lock that its processes join, see `runtime/data-dir-lock.ts`. */
  crewLock?: string;
  log: Logger;
};

/** Azurite's blob and queue services, each kept running in a process of its own. */
export type Azurite = {
  /** Stays the same when a process is started again. */
  connectionString: string;
  /**
   * Resolves when all that the running processes hold is on disk, so that a crash does not lose it. While one is down it waits
   * for the next. What a process had not yet saved when it crashed before is lost: who reports an end on the strength of this
   * looks afterwards whether its blobs are there.
   */
  flush: () => Promise<void>;
  children: () => { name: string; pid: number }[];
  /** Ends both, saved. */
  stop: () => Promise<void>;
};

/** The name of the account, the same in every Azurite. Blobs and messages are stored under it. */
export const accountName = 'devstoreaccount1';

/** Returns a new random account key, as long as Azure's. */
export const generateAccountKey = (): string => randomBytes(64).toString('base64');

/**
 * Starts Azurite and resolves when both services answer. A service that ends by itself is started again on the same port.
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
