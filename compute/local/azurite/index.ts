import type { Logger } from '../../../runtime/log.ts';
import type { CreatedBlob } from './protocol.ts';
import { startService } from './service.ts';

export type { CreatedBlob } from './protocol.ts';

export type AzuriteOptions = {
  /** Where its data lies; undefined: in memory. */
  folder: string | undefined;
  /** 0: any free port. */
  blobPort: number;
  queuePort: number;
  /** Told of each blob that is created or replaced, right after it is stored. */
  onCreated?: (blob: CreatedBlob) => void;
  /** The crew lock that its processes join, see `runtime/crew-lock.ts`. */
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

/** The account that every Azurite has, with its public key (https://learn.microsoft.com/azure/storage/common/storage-use-azurite). */
const account = {
  name: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
};

/**
 * Starts Azurite and resolves when both services answer. A service that ends by itself is started again on the same port.
 * @throws PortInUse
 */
export const startAzurite = async (options: AzuriteOptions): Promise<Azurite> => {
  const { folder, crewLock, log, onCreated = () => {} } = options;
  const shared = { folder, crewLock, log, onCreated };
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
    connectionString: connectionString(blob.port, queue.port),
    flush: async () => void (await Promise.all(services.map((service) => service.flush()))),
    children: () => services.map(({ name, pid }) => ({ name, pid: pid() })),
    stop,
  };
};

const connectionString = (blobPort: number, queuePort: number): string =>
  [
    'DefaultEndpointsProtocol=http',
    `AccountName=${account.name}`,
    `AccountKey=${account.key}`,
    `BlobEndpoint=http://127.0.0.1:${blobPort}/${account.name}`,
    `QueueEndpoint=http://127.0.0.1:${queuePort}/${account.name}`,
  ].join(';');
