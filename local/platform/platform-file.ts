import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { parseJson } from '../../contracts/problem.ts';
import { isDataDirLocked } from '../../runtime/data-dir-lock.ts';
import { registerSecret } from '../../runtime/secrets.ts';
import { UserFacingError } from '../../runtime/user-facing-error.ts';
import { resolveDataFolder } from './data-folder.ts';

/** `DIR/platform.json`: the data that other programs need to use a local platform. It contains keys, so only its owner can read it. */
export const PlatformFile = v.object({
  v: v.literal(1),
  pid: v.number(),
  orchestrator: v.object({ url: v.string(), key: v.string() }),
  bot: v.object({ url: v.string(), webhookUrl: v.string(), webhookSecret: v.string() }),
  github: v.object({
    url: v.string(),
    page: v.string(),
    signInKey: v.string(),
    repository: v.string(),
    issue: v.number(),
    installation: v.number(),
    token: v.string(),
    workflowToken: v.string(),
    users: v.array(
      v.object({ login: v.string(), role: v.picklist(['maintain', 'write', 'read']), token: v.string() }),
    ),
  }),
  storage: v.object({ connectionString: v.string() }),
  dashboard: v.nullable(v.string()),
  children: v.array(v.object({ name: v.string(), pid: v.number() })),
});
export type PlatformFile = v.InferOutput<typeof PlatformFile>;

/** No platform is running with the data folder. The message says how to start one. */
export class NoPlatformError extends UserFacingError {
  override name = 'NoPlatformError';
}

const listSecrets = ({ orchestrator, bot, github, storage }: PlatformFile): string[] => [
  orchestrator.key,
  bot.webhookSecret,
  github.signInKey,
  github.token,
  github.workflowToken,
  ...github.users.map(({ token }) => token),
  storage.connectionString,
];

const getPath = (folder: string): string => join(folder, 'platform.json');

/** Writes the file atomically: a reader sees the old or the new content. */
export const writePlatformFile = async (folder: string, content: PlatformFile): Promise<void> => {
  const draft = `${getPath(folder)}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(content, null, 1)}\n`, { mode: 0o600 });
  await rename(draft, getPath(folder));
};

export const removePlatformFile = (folder: string): Promise<void> => rm(getPath(folder), { force: true });

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/**
 * Reads the file of the platform that is running with a data folder. After a crash the file remains, another process may get its process
 * id, and another user may listen on its ports: only the lock proves that the platform is running.
 * @throws NoPlatformError
 */
export const readPlatformFile = async (folder: string): Promise<PlatformFile> => {
  const text = await readFile(getPath(folder), 'utf8').catch(() => undefined);
  const content = text === undefined ? undefined : parseJson(PlatformFile, text);
  if (content?.ok && isRunning(content.value.pid) && isDataDirLocked(folder)) {
    listSecrets(content.value).forEach((secret) => registerSecret(secret));
    return content.value;
  }
  const start = folder === resolveDataFolder(undefined) ? 'npm start' : `npm start -- --data ${folder}`;
  throw new NoPlatformError(
    `Coxswain is not running with the data folder ${folder}. Start it with: ${start}`,
  );
};
