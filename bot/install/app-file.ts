import { randomBytes } from 'node:crypto';
import { access, constants, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { SettingsError } from '../../runtime/settings.ts';
import { registerSecret } from '../../runtime/secrets.ts';

const AppFile = v.object({
  v: v.literal(1),
  /** The GitHub that knows the app: `github.com`, or the host of a GitHub Enterprise Server. */
  host: v.string(),
  id: v.number(),
  slug: v.string(),
  privateKey: v.string(),
  webhookSecret: v.pipe(v.string(), v.nonEmpty()),
});

/** The GitHub App that the set-up page has registered. */
export type RegisteredApp = Omit<v.InferOutput<typeof AppFile>, 'v'>;

/** The app that a file holds; undefined if there is no such file. @throws SettingsError if it is no such file */
export const readAppFile = async (path: string): Promise<RegisteredApp | undefined> => {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new SettingsError(`${path} cannot be read: ${cause.code}`);
  });
  if (text === undefined) return undefined;
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), AppFile), text);
  if (read.success) {
    registerAppSecrets(read.output);
    return read.output;
  }
  throw new SettingsError(
    `${path} does not hold a GitHub App as the set-up page writes it. Remove it to set up again.`,
  );
};

/** Registers the app's secrets so that they are never printed. */
const registerAppSecrets = ({ privateKey, webhookSecret }: RegisteredApp): void =>
  [privateKey, webhookSecret].forEach((secret) => registerSecret(secret));

/** Writes the file whole or not at all, for its owner's eyes only. The folder is there. */
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

/** Makes sure that the file can be written, before there is a key that would be lost. @throws SettingsError */
export const prepareAppFolder = async (path: string): Promise<void> => {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await access(dirname(path), constants.W_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new SettingsError(`COXSWAIN_APP_FILE: ${path} cannot be written (${code})`, { cause });
  }
};
