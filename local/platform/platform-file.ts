import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { parseJson } from '../../contracts/problem.ts';
import { isDataDirLocked } from '../../runtime/data-dir-lock.ts';
import { registerSecret } from '../../runtime/secrets.ts';
import { UserFacingError } from '../../runtime/user-facing-error.ts';

/** `DIR/platform.json`: what another program needs to drive a local platform. It holds keys, so it is readable by its owner only. */
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

/** No platform runs on the data folder. The message says how to start one. */
export class NoPlatformError extends UserFacingError {
  override name = 'NoPlatformError';
}

/** The data folder that `--data` names, absolute. */
export const dataFolder = (given: string | undefined): string => resolve(given ?? '.coxswain');

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

/** Writes the file in one step: a reader sees the old one or the new one, never half of it. */
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
 * The platform that runs on a data folder. After a crash the file stays, another process may get its process id, and another user may
 * listen on its ports: only its lock shows that it is there to receive what the file has.
 * @throws NoPlatformError
 */
export const readPlatformFile = async (folder: string): Promise<PlatformFile> => {
  const text = await readFile(getPath(folder), 'utf8').catch(() => undefined);
  const content = text === undefined ? undefined : parseJson(PlatformFile, text);
  if (content?.ok && isRunning(content.value.pid) && isDataDirLocked(folder)) {
    listSecrets(content.value).forEach((secret) => registerSecret(secret));
    return content.value;
  }
  const start = folder === dataFolder(undefined) ? 'npm start' : `npm start -- --data ${folder}`;
  throw new NoPlatformError(`No Coxswain runs on the data folder ${folder}. Start one with: ${start}`);
};
