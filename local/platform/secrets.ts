import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { drawAccountKey } from '../azurite/azurite.ts';
import { readJson } from '../../contracts/problem.ts';
import { registerSecret } from '../../runtime/secrets.ts';

/** The secrets of a local platform. Made once for a data folder, so that links and signatures stay valid over a restart. */
const Secrets = v.object({
  v: v.literal(1),
  /** The key of the storage account, in base64. */
  storageKey: v.string(),
  /** Opens the orchestrator's routes. */
  functionKey: v.string(),
  /** Opens the Durable HTTP API and the event route: it allows everything. */
  systemKey: v.string(),
  webhookSecret: v.string(),
  /** The GitHub App's private key, PEM. */
  privateKey: v.string(),
});
export type Secrets = v.InferOutput<typeof Secrets>;

/** The secrets of older versions, whose storage used the published key. */
const KnownSecrets = v.object({ ...Secrets.entries, storageKey: v.optional(v.string()) });

const secret = (): string => randomBytes(24).toString('base64url');

const fresh = (): Secrets => ({
  v: 1,
  storageKey: drawAccountKey(),
  functionKey: secret(),
  systemKey: secret(),
  webhookSecret: secret(),
  privateKey: generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey,
});

/**
 * Returns the secrets of the data folder, and creates and stores missing ones.
 * @throws Error if the file is there and cannot be read: making new ones would break what rests on the old
 */
export const secretsIn = async (folder: string): Promise<Secrets> => {
  const { v: version, ...secrets } = await readOrMade(folder);
  Object.values(secrets).forEach((secret) => registerSecret(secret));
  return { v: version, ...secrets };
};

const readOrMade = async (folder: string): Promise<Secrets> => {
  const path = join(folder, 'secrets.json');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text !== undefined) {
    const known = readJson(KnownSecrets, text);
    if (known.ok) return completed(path, known.value);
    throw new Error(
      `${path} is damaged (field ${known.problem.field ?? 'none'}). Remove the folder ${folder} to begin anew.`,
    );
  }
  const made = fresh();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeSecrets(path, made);
  return made;
};

const completed = async (path: string, known: v.InferOutput<typeof KnownSecrets>): Promise<Secrets> => {
  const { storageKey } = known;
  if (storageKey !== undefined) return { ...known, storageKey };
  const secrets = { ...known, storageKey: drawAccountKey() };
  await writeSecrets(path, secrets);
  return secrets;
};

/** Writes atomically: a reader finds the old file or the new one. */
const writeSecrets = async (path: string, secrets: Secrets): Promise<void> => {
  await writeFile(`${path}.new`, JSON.stringify(secrets), { mode: 0o600 });
  await rename(`${path}.new`, path);
};
