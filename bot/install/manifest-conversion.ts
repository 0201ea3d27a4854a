import { createPrivateKey, randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { registerSecret } from '../../runtime/secrets.ts';

const Conversion = v.object({
  id: v.pipe(v.number(), v.integer(), v.minValue(1)),
  slug: v.pipe(v.string(), v.regex(/^[\w-]+$/)),
  html_url: v.pipe(v.string(), v.url()),
  pem: v.pipe(v.string(), v.check(isPrivateKey, 'not a private key')),
  /** Null for an app without a webhook. */
  webhook_secret: v.nullish(v.string()),
});

/** An app that GitHub has just created. */
export type NewApp = { id: number; slug: string; page: string; privateKey: string; webhookSecret: string };

/** GitHub returned no app for a code. The set-up page shows the message. */
export class ManifestConversionError extends Error {
  override name = 'ManifestConversionError';
}

/** The lifetime of GitHub's code for a new app, in milliseconds. */
const codeTtlMilliseconds = 60 * 60_000;

/** Fetches the app that GitHub has created from the manifest. A code works once, within an hour. @throws ManifestConversionError */
export const convertManifest = async (apiUrl: string, code: string): Promise<NewApp> => {
  if (!/^[\w-]{1,200}$/.test(code)) throw new ManifestConversionError('GitHub sent no code.');
  registerSecret(code, Date.now() + codeTtlMilliseconds);
  const answer = await fetch(`${apiUrl}/app-manifests/${code}/conversions`, {
    method: 'POST',
    headers: { accept: 'application/vnd.github+json' },
    redirect: 'error',
    signal: AbortSignal.timeout(15_000),
  }).catch((cause: unknown) => {
    throw new ManifestConversionError('Could not reach GitHub.', { cause });
  });
  if (answer.status !== 201) {
    throw new ManifestConversionError(`GitHub returned no app for this code (status ${answer.status}).`);
  }
  const app = v.safeParse(Conversion, await answer.json().catch(() => undefined));
  if (!app.success) throw new ManifestConversionError('GitHub’s response does not have the documented form.');
  const { id, slug, html_url: page, pem: privateKey, webhook_secret: secret } = app.output;
  return { id, slug, page, privateKey, webhookSecret: secret || randomBytes(32).toString('hex') };
};

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === 'private';
  } catch {
    return false;
  }
}
