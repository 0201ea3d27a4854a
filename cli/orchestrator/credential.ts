import { readFile } from 'node:fs/promises';
import { registerSecret } from '../../runtime/secrets.ts';
import { CliError, UsageError } from '../cli-error.ts';
import { isPersonToken } from './person-token.ts';

/** The options that select a credential. */
export type CredentialOptions = { keyFile?: string; tokenFile?: string; audience?: string };

type Credential = { key: string } | { token: (signal: AbortSignal) => Promise<string> };

const missing =
  'No credential for the orchestrator: expected a key in COXSWAIN_KEY or with --key-file, or the token of an application in COXSWAIN_TOKEN, with --token-file or with --audience.';

/**
 * Returns the credential that the options name, or else the environment. A secret is never an argument, because every user of the machine
 * can list the arguments of a process.
 * @throws CliError
 */
export const readCredential = async (
  { keyFile, tokenFile, audience }: CredentialOptions,
  environment: NodeJS.ProcessEnv,
): Promise<Credential> => {
  if (keyFile !== undefined) return { key: await readSecretFile('--key-file', keyFile) };
  // The file is read for each call, so that another program can replace the token before it expires.
  if (tokenFile !== undefined) return openToken(() => readSecretFile('--token-file', tokenFile));
  if (audience !== undefined) return openApplication(audience, environment);
  const { COXSWAIN_KEY: key, COXSWAIN_TOKEN: token, COXSWAIN_AUDIENCE: ownAudience } = environment;
  if (key && token) throw new UsageError('Set only one of COXSWAIN_KEY and COXSWAIN_TOKEN.');
  if (key) return { key: checkSecret('COXSWAIN_KEY', key) };
  if (token) return openToken(async () => checkSecret('COXSWAIN_TOKEN', token));
  if (ownAudience) return openApplication(ownAudience, environment);
  throw new CliError('refused', missing);
};

const openApplication = async (audience: string, environment: NodeJS.ProcessEnv): Promise<Credential> => {
  const { createApplicationToken } = await import('./application-token.ts');
  return { token: createApplicationToken(audience, environment) };
};

const openToken = async (read: () => Promise<string>): Promise<Credential> => {
  if (isPersonToken(await read()))
    throw new CliError(
      'refused',
      'This token belongs to a person. The orchestrator accepts only tokens of applications, because what a person may do is decided on GitHub. Comment there, or sign in as an application with --audience.',
    );
  return { token: read };
};

/** Reads a secret from the first line of a file. */
const readSecretFile = async (option: string, path: string): Promise<string> => {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError(`${option}: cannot read ${path} (${code}).`, { cause });
  });
  return checkSecret(`${option} ${path}`, text.trim());
};

/** Checks that a secret can be sent as a header, and masks it in all output. The message never contains it. */
const checkSecret = (source: string, secret: string): string => {
  if (!/^[\x21-\x7e]{1,16384}$/.test(secret))
    throw new UsageError(
      `${source}: expected a secret of visible ASCII characters in one line, received ${secret === '' ? 'nothing' : 'other characters'}.`,
    );
  registerSecret(secret);
  return secret;
};
