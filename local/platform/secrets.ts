import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { generateAccountKey } from '../azurite/azurite.ts';
import { parseJson } from '../../contracts/problem.ts';
import { registerSecret } from '../../runtime/secrets.ts';

/** The secrets of a local platform. They are generated once per data folder, so that links and signatures stay valid after a restart. */
const PlatformSecrets = v.object({
  v: v.literal(1),
  /** The key of the storage account, in base64. */
  storageKey: v.string(),
  /** Allows the orchestrator's routes. */
  functionKey: v.string(),
  /** Allows everything, including the Durable HTTP API and the event route. */
  systemKey: v.string(),
  webhookSecret: v.string(),
  /** The GitHub App's private key, PEM. */
  privateKey: v.string(),
});
export type PlatformSecrets = v.InferOutput<typeof PlatformSecrets>;

/** The secrets of older versions, in which storage used Azurite's published key. */
const KnownSecrets = v.object({ ...PlatformSecrets.entries, storageKey: v.optional(v.string()) });

const generateSecret = (): string => randomBytes(24).toString('base64url');

const generateSecrets = (): PlatformSecrets => ({
  v: 1,
  storageKey: generateAccountKey(),
  functionKey: generateSecret(),
  systemKey: generateSecret(),
  webhookSecret: generateSecret(),
  privateKey: generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey,
});

/**
 * Returns the secrets of the data folder, and creates and stores missing ones.
 * @throws Error if the file exists but is invalid: new secrets would break existing links and signatures
 */
export const loadSecrets = async (folder: string): Promise<PlatformSecrets> => {
  const { v: version, ...secrets } = await readOrCreate(folder);
  Object.values(secrets).forEach((secret) => registerSecret(secret));
  return { v: version, ...secrets };
};

const readOrCreate = async (folder: string): Promise<PlatformSecrets> => {
  const path = join(folder, 'secrets.json');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text !== undefined) {
    const known = parseJson(KnownSecrets, text);
    if (known.ok) return addMissing(path, known.value);
    throw new Error(
      `${path} is damaged (field ${known.problem.field ?? 'none'}). Delete the folder ${folder} to start over.`,
    );
  }
  const made = generateSecrets();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeSecrets(path, made);
  return made;
};

const addMissing = async (
  path: string,
  known: v.InferOutput<typeof KnownSecrets>,
): Promise<PlatformSecrets> => {
  const { storageKey } = known;
  if (storageKey !== undefined) return { ...known, storageKey };
  const secrets = { ...known, storageKey: generateAccountKey() };
  await writeSecrets(path, secrets);
  return secrets;
};

/** Writes atomically: a reader finds the old file or the new one. */
const writeSecrets = async (path: string, secrets: PlatformSecrets): Promise<void> => {
  await writeFile(`${path}.new`, JSON.stringify(secrets), { mode: 0o600 });
  await rename(`${path}.new`, path);
};
