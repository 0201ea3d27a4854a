import { randomBytes } from 'node:crypto';
import { access, constants, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { createFolders } from '../../runtime/create-folder.ts';
import { SettingsError } from '../../runtime/settings.ts';
import { registerSecret } from '../../runtime/secrets.ts';

const AppFile = v.object({
  v: v.literal(1),
  /** The GitHub on which the app is registered: `github.com`, or the host of a GitHub Enterprise Server. */
  host: v.string(),
  id: v.number(),
  slug: v.string(),
  privateKey: v.string(),
  webhookSecret: v.pipe(v.string(), v.nonEmpty()),
});

/** The GitHub App that the set-up page has registered. */
export type RegisteredApp = Omit<v.InferOutput<typeof AppFile>, 'v'>;

/**
 * Reads the app from a file; undefined if the file does not exist.
 * @param host the GitHub that the bot is configured for
 * @throws SettingsError if the file is not valid, or the app is registered on another GitHub
 */
export const readAppFile = async (path: string, host: string): Promise<RegisteredApp | undefined> => {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new SettingsError(`Could not read ${path}: ${cause.code}`);
  });
  if (text === undefined) return undefined;
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), AppFile), text);
  if (!read.success)
    throw new SettingsError(
      `${path} does not contain a GitHub App in the form that the set-up page writes. Remove the file to set up the app again.`,
    );
  registerAppSecrets(read.output);
  if (read.output.host !== host)
    throw new SettingsError(
      `${path} contains an app of ${read.output.host}, but the bot is configured for ${host}. Remove the file to register another app, or configure the bot for ${read.output.host}.`,
    );
  return read.output;
};

/** Registers the app's secrets so that they are never printed. */
const registerAppSecrets = ({ privateKey, webhookSecret }: RegisteredApp): void =>
  [privateKey, webhookSecret].forEach((secret) => registerSecret(secret));

/** Writes the file atomically, readable only by its owner. The folder must exist. */
export const writeAppFile = async (path: string, app: RegisteredApp): Promise<void> => {
  registerAppSecrets(app);
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ v: 1, ...app }, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
};

/** Creates the folder, and checks that it is writable, before GitHub issues a key that could be lost. @throws SettingsError */
export const prepareAppFolder = async (path: string): Promise<void> => {
  try {
    createFolders(dirname(path), 0o700);
    await access(dirname(path), constants.W_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new SettingsError(`COXSWAIN_APP_FILE: could not write ${path} (${code})`, { cause });
  }
};
