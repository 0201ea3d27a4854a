import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import * as v from 'valibot';
import { joinDataDir } from '../../runtime/data-dir-lock.ts';
import {
  integerSetting,
  getSecretNames,
  readSettings,
  secretSetting,
  setting,
} from '../../runtime/settings.ts';
import { dataDirLockSetting } from '../../runtime/shared-settings.ts';
import { runProgram, waitForStopRequest, sendToParent } from '../../runtime/lifecycle.ts';
import { createLogger } from '../../runtime/log.ts';
import { readSettingSources } from '../../runtime/secret-settings.ts';
import { SettingFiles } from '../../runtime/setting-files.ts';
import { reportCreatedBlobs } from './blob-created-hook.ts';
import { createServer, type AzuriteServer } from './azurite-internals.ts';
import { FlushCommand, type ServiceReport } from './ipc-messages.ts';

/** One Azurite service as a child process, which `azurite-service.ts` starts. It saves its tables on demand, and exits with its parent. */

const Settings = v.object({
  COXSWAIN_AZURITE_SERVICE: setting('The service to run.', v.picklist(['blob', 'queue'])),
  COXSWAIN_AZURITE_PORT: setting('The port of the service.', integerSetting(0, 65_535)),
  COXSWAIN_AZURITE_ACCOUNT: setting('The name of the account.', v.string()),
  COXSWAIN_AZURITE_KEY: secretSetting(
    'The account’s key in base64, which the parent sends over the IPC channel.',
    v.string(),
  ),
  COXSWAIN_AZURITE_FOLDER: setting('The folder of the data.', v.optional(v.string()), {
    whenMissing: 'in memory',
  }),
  COXSWAIN_CREW_LOCK: dataDirLockSetting,
});

const log = createLogger('azurite');
const report: (message: ServiceReport) => void = sendToParent;

const tryStart = async (server: AzuriteServer): Promise<boolean> => {
  try {
    await server.start();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    await new Promise((sent) => process.send?.({ kind: 'port-in-use' } satisfies ServiceReport, sent));
    return false;
  }
};

const handleCommand = async (server: AzuriteServer, message: unknown): Promise<void> => {
  const { id } = v.parse(FlushCommand, message);
  // The metadata comes last, because it refers to the extents.
  await saveDatabase(server.extentMetadataStore.db);
  await saveDatabase(server.metadataStore.db);
  report({ kind: 'flushed', id });
};

const saveDatabase = (database: AzuriteServer['metadataStore']['db']): Promise<void> =>
  new Promise((resolve, reject) => database.saveDatabase((error) => (error ? reject(error) : resolve())));

await runProgram(log, async () => {
  const { environment, unreadable } = await readSettingSources(new SettingFiles(getSecretNames(Settings)));
  const settings = readSettings(Settings, environment, { unreadable });
  const lock = settings.COXSWAIN_CREW_LOCK ? joinDataDir(settings.COXSWAIN_CREW_LOCK) : undefined;
  const stopping = waitForStopRequest();
  const folder = settings.COXSWAIN_AZURITE_FOLDER;
  if (folder) await mkdir(folder, { recursive: true });
  const server = createServer({
    service: settings.COXSWAIN_AZURITE_SERVICE,
    port: settings.COXSWAIN_AZURITE_PORT,
    folder,
    account: { name: settings.COXSWAIN_AZURITE_ACCOUNT, key: settings.COXSWAIN_AZURITE_KEY },
  });
  // Garbage collection of thousands of messages blocks the service for seconds. It runs when the service starts instead.
  server.gcManager.gcIntervalInMS = 24 * 3_600_000;
  if (settings.COXSWAIN_AZURITE_SERVICE === 'blob')
    reportCreatedBlobs(server, (blobs) => report({ kind: 'created', blobs }));
  if (!(await tryStart(server))) return 1;
  process.on('message', (message) => void handleCommand(server, message));
  report({ kind: 'ready', port: (server.httpServer.address() as AddressInfo).port });
  await stopping;
  await server.close();
  lock?.release();
  return 0;
});
