import { randomBytes } from 'node:crypto';
import type { RequestListener, Server } from 'node:http';
import { createRequire, Module } from 'node:module';
import { join } from 'node:path';
import { createLimitedServer } from '../../runtime/http/limited-server.ts';
import { registerSecret } from '../../runtime/secrets.ts';
import { createRequestFilter } from './request-filter.ts';
import { findByNameFirst, keepIndexesInPlace, type Loki } from './lokijs-patches.ts';

/*
 * Uses Azurite's classes by deep imports: its package cannot save its tables on demand or report created blobs, and its entry points
 * load its SQL drivers, too. The version is pinned exactly, and a test checks what is used here.
 */

/** One of Azurite's in-memory databases. Those with a file are saved automatically every 5 s. */
type Database = {
  saveDatabase(done: (error?: unknown) => void): void;
  getCollection(name: '$BLOBS_COLLECTION$'): { findOne(query: Partial<BlobModel>): BlobModel | null };
};

type BlobModel = {
  containerName: string;
  name: string;
  snapshot: string;
  properties: { contentLength?: number; etag: string };
};
type CreateBlob = (context: unknown, blob: BlobModel, ...rest: unknown[]) => Promise<unknown>;

/** A blob or queue server of Azurite. */
export type AzuriteServer = {
  readonly metadataStore: { readonly db: Database; createBlob: CreateBlob; commitBlockList: CreateBlob };
  readonly extentMetadataStore: { readonly db: Database };
  readonly gcManager: { gcIntervalInMS: number };
  readonly accountDataStore: {
    accounts: Readonly<Record<string, { name: string; key1: Buffer }>>;
    refresh(): void;
  };
  httpServer: Server & { stop(): void };
  start(): Promise<void>;
  close(): Promise<void>;
};

export type AzuriteServiceName = 'blob' | 'queue';

/** The version for which this file is written. */
export const azuriteVersion = '3.37.0';

const require = createRequire(import.meta.url);
const requireOfAzurite = createRequire(require.resolve('azurite'));

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- only the caller knows what the file exports
const load = <T>(path: string): T => require(`azurite/dist/src/${path}`) as T;

/** The maximum number of concurrent writes to one folder of data files. Azurite's default for queues is one. */
const concurrency = { blob: 50, queue: 1 } as const;

type Class<Made> = new (...given: unknown[]) => Made;
type Telemetry = { init(location: string, enabled: boolean, environment: undefined): void };

/** Replaces the telemetry library with an empty module: telemetry is disabled, and loading it takes 40 MB per process. */
const stubTelemetry = (): void => {
  const path = requireOfAzurite.resolve('applicationinsights');
  const empty = new Module(path);
  empty.loaded = true;
  require.cache[path] = empty;
};

/** A storage account; its key in base64. */
export type StorageAccount = { name: string; key: string };

export type ServerOptions = {
  service: AzuriteServiceName;
  port: number;
  /** Undefined to keep everything in memory. */
  folder: string | undefined;
  account: StorageAccount;
};

/** Creates a server, without starting it. It has one account, which accepts only its own key. */
export const createServer = ({ service, port, folder, account }: ServerOptions): AzuriteServer => {
  stubTelemetry();
  disableKeylessAccess();
  const loki = requireOfAzurite('lokijs') as Loki;
  keepIndexesInPlace(loki);
  findByNameFirst(loki);
  const name = service === 'blob' ? 'Blob' : 'Queue';
  const { default: Server } = load<{ default: Class<AzuriteServer> }>(`${service}/${name}Server`);
  const { default: Configuration } = load<{ default: Class<unknown> }>(`${service}/${name}Configuration`);
  const { AzuriteTelemetryClient } = load<{ AzuriteTelemetryClient: Telemetry }>('common/Telemetry');
  AzuriteTelemetryClient.init(folder ?? '', false, undefined);
  const server = new Server(new Configuration(...settings(service, port, folder)));
  restrictAccounts(server, account);
  replaceServer(server);
  return server;
};

/** Replaces the Node server that Azurite created, and which does not listen yet, with a server with our limits. */
const replaceServer = (azurite: AzuriteServer): void => {
  const [listener] = azurite.httpServer.listeners('request') as RequestListener[];
  if (!listener) throw new Error('Azurite has no request listener');
  const server = createLimitedServer(createRequestFilter(listener));
  azurite.httpServer = Object.assign(server, { stop: () => void server.close() });
};

/** Replaces Azurite's accounts. Otherwise it restores its default account, whose key is published, every minute. */
const restrictAccounts = (
  { accountDataStore: store }: AzuriteServer,
  { name, key }: StorageAccount,
): void => {
  store.refresh = () => {};
  // Without a prototype, so that property names of every object are not accounts.
  store.accounts = Object.assign(Object.create(null), { [name]: { name, key1: Buffer.from(key, 'base64') } });
};

type PublicAccess = { prototype: { validate(): Promise<boolean | undefined> } };

/**
 * Disables two kinds of access without the account key: a user delegation SAS, which Azurite signs with a seed from its source code, and
 * containers that were made public with the old key.
 */
const disableKeylessAccess = (): void => {
  const constants = load<{ USERDELEGATIONKEY_SIGNING_SEED: string }>('blob/utils/constants');
  const seed = randomBytes(32).toString('hex');
  registerSecret(seed);
  constants.USERDELEGATIONKEY_SIGNING_SEED = seed;
  const { default: publicAccess } = load<{ default: PublicAccess }>(
    'blob/authentication/PublicAccessAuthenticator',
  );
  publicAccess.prototype.validate = async () => undefined;
};

/** The parameters of `BlobConfiguration` and `QueueConfiguration`, in their order; the names of files are Azurite's own. */
const settings = (service: AzuriteServiceName, port: number, folder: string | undefined): unknown[] => {
  const file = (name: string) => join(folder ?? '', name);
  /** For a server that is replaced; see `replaceServer`. */
  const keepAliveSeconds = 0;
  const extents = {
    locationId: 'Default',
    locationPath: file(`__${service}storage__`),
    maxConcurrency: concurrency[service],
  };
  const files = [
    file(`__azurite_db_${service}__.json`),
    file(`__azurite_db_${service}_extent__.json`),
    [extents],
  ];
  /** Access log and its stream, debug log and its path. */
  const logs = [false, undefined, false, undefined];
  /** Loose mode; skip the check of the API version, because the storage client is newer. */
  const checks = [false, true];
  /** Certificate, its key and password; OAuth; no host names as account names. */
  const access = ['', '', '', undefined, true];
  const inMemory = folder === undefined;
  return ['127.0.0.1', port, keepAliveSeconds, ...files, ...logs, ...checks, ...access, inMemory];
};
