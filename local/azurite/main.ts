import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import * as v from 'valibot';
import { joinCrew } from '../../runtime/data-dir-lock.ts';
import { integerText, secretNamesOf, secretSetting, settingsFrom } from '../../runtime/settings.ts';
import { runProgram, stopRequested, tellParent } from '../../runtime/lifecycle.ts';
import { logger } from '../../runtime/log.ts';
import { environmentWithSecrets } from '../../runtime/secret-settings.ts';
import { reportCreatedBlobs } from './blob-created-hook.ts';
import { createServer, type AzuriteServer } from './azurite-internals.ts';
import { Order, type Report } from './ipc-messages.ts';

/** One Azurite service as a child process: started by `index.ts`, saves on demand, ends with its parent. */

const Settings = v.object({
  COXSWAIN_AZURITE_SERVICE: v.picklist(['blob', 'queue']),
  COXSWAIN_AZURITE_PORT: integerText(0, 65_535),
  COXSWAIN_AZURITE_ACCOUNT: v.string(),
  /** The account's key in base64, which the parent sends over the IPC channel. */
  COXSWAIN_AZURITE_KEY: secretSetting(v.string()),
  /** Absent: in memory. */
  COXSWAIN_AZURITE_FOLDER: v.optional(v.string()),
  COXSWAIN_CREW_LOCK: v.optional(v.string()),
});

const log = logger('azurite');
const report: (message: Report) => void = tellParent;

const started = async (server: AzuriteServer): Promise<boolean> => {
  try {
    await server.start();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    await new Promise((sent) => process.send?.({ kind: 'port-in-use' } satisfies Report, sent));
    return false;
  }
};

const obey = async (server: AzuriteServer, message: unknown): Promise<void> => {
  const { id } = v.parse(Order, message);
  // The tables of what is stored where come last: they point into the others.
  await saved(server.extentMetadataStore.db);
  await saved(server.metadataStore.db);
  report({ kind: 'flushed', id });
};

const saved = (database: AzuriteServer['metadataStore']['db']): Promise<void> =>
  new Promise((resolve, reject) => database.saveDatabase((error) => (error ? reject(error) : resolve())));

await runProgram(log, async () => {
  const settings = settingsFrom(Settings, await environmentWithSecrets(secretNamesOf(Settings)));
  const crew = settings.COXSWAIN_CREW_LOCK ? joinCrew(settings.COXSWAIN_CREW_LOCK) : undefined;
  const stopping = stopRequested();
  const folder = settings.COXSWAIN_AZURITE_FOLDER;
  if (folder) await mkdir(folder, { recursive: true });
  const server = createServer({
    service: settings.COXSWAIN_AZURITE_SERVICE,
    port: settings.COXSWAIN_AZURITE_PORT,
    folder,
    account: { name: settings.COXSWAIN_AZURITE_ACCOUNT, key: settings.COXSWAIN_AZURITE_KEY },
  });
  // A sweep of thousands of messages blocks the service for seconds; what it would free, the next start's first sweep does.
  server.gcManager.gcIntervalInMS = 24 * 3_600_000;
  if (settings.COXSWAIN_AZURITE_SERVICE === 'blob')
    reportCreatedBlobs(server, (blobs) => report({ kind: 'created', blobs }));
  if (!(await started(server))) return 1;
  process.on('message', (message) => void obey(server, message));
  report({ kind: 'ready', port: (server.httpServer.address() as AddressInfo).port });
  await stopping;
  await server.close();
  crew?.release();
  return 0;
});
