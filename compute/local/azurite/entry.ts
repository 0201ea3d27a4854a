import { mkdir } from 'node:fs/promises';
import * as v from 'valibot';
import { joinCrew } from '../../../runtime/crew-lock.ts';
import { settingsFrom, integerText } from '../../../runtime/environment.ts';
import { runProgram, stopRequested, tellParent } from '../../../runtime/lifecycle.ts';
import { logger } from '../../../runtime/log.ts';
import { reportCreatedBlobs } from './created.ts';
import { createServer, type Account, type AzuriteServer } from './internals.ts';
import { Order, type Report } from './protocol.ts';

/** One Azurite service as a child process: started by `index.ts`, saves on demand, ends with its parent. */

const Settings = v.object({
  COXSWAIN_AZURITE_SERVICE: v.picklist(['blob', 'queue']),
  COXSWAIN_AZURITE_PORT: integerText(0, 65_535),
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

/** A parent that does not say so within this time is taken for gone. */
const orderMilliseconds = 30_000;

/** The account that the parent gives us, first of all. */
const accountFromParent = (): Promise<Account> =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('No account came')), orderMilliseconds);
    process.once('message', (message) => {
      clearTimeout(late);
      const order = v.parse(Order, message);
      if (order.kind === 'serve') resolve(order.account);
      else reject(new Error('The account has to come first'));
    });
  });

const obey = async (server: AzuriteServer, message: unknown): Promise<void> => {
  const order = v.parse(Order, message);
  if (order.kind !== 'flush') return;
  const { id } = order;
  // The tables of what is stored where come last: they point into the others.
  await saved(server.extentMetadataStore.db);
  await saved(server.metadataStore.db);
  report({ kind: 'flushed', id });
};

const saved = (database: AzuriteServer['metadataStore']['db']): Promise<void> =>
  new Promise((resolve, reject) => database.saveDatabase((error) => (error ? reject(error) : resolve())));

await runProgram(log, async () => {
  const settings = settingsFrom(Settings);
  const crew = settings.COXSWAIN_CREW_LOCK ? joinCrew(settings.COXSWAIN_CREW_LOCK) : undefined;
  const stopping = stopRequested();
  const folder = settings.COXSWAIN_AZURITE_FOLDER;
  if (folder) await mkdir(folder, { recursive: true });
  const account = await accountFromParent();
  const server = createServer({
    service: settings.COXSWAIN_AZURITE_SERVICE,
    port: settings.COXSWAIN_AZURITE_PORT,
    folder,
    account,
  });
  // A sweep of thousands of messages blocks the service for seconds; what it would free, the next start's first sweep does.
  server.gcManager.gcIntervalInMS = 24 * 3_600_000;
  if (settings.COXSWAIN_AZURITE_SERVICE === 'blob')
    reportCreatedBlobs(server, (blobs) => report({ kind: 'created', blobs }));
  if (!(await started(server))) return 1;
  process.on('message', (message) => void obey(server, message));
  report({ kind: 'ready', port: server.httpServer.address().port });
  await stopping;
  await server.close();
  crew?.release();
  return 0;
});
