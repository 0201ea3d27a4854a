import { createHttpJobs, type Jobs } from '../../compute/client/index.ts';
import { resolveDataFolder } from '../../local/platform/data-folder.ts';
import { readPlatformFile } from '../../local/platform/platform-file.ts';
import { findAddressProblem } from '../../runtime/secure-address.ts';
import { UsageError } from '../cli-error.ts';
import { formatFlags } from '../format-flags.ts';
import { readCredential, type CredentialOptions } from './credential.ts';
import { describeFailure } from './describe-failure.ts';

/** The options that select an orchestrator: the one of a local platform, or a deployed one. */
export type ConnectionOptions = CredentialOptions & { data?: string; orchestrator?: string };

export type Orchestrator = {
  jobs: Jobs;
  /** The options that select it, for a command that a message suggests; begins with a blank, or is empty. */
  flags: string;
};

/**
 * Calls a function with the orchestrator that the options, or else the environment, select; by default the one of the local platform.
 * @throws CliError, NoPlatformError; each failed call is explained
 */
export const withOrchestrator = async <T>(
  options: ConnectionOptions,
  use: (orchestrator: Orchestrator) => Promise<T>,
): Promise<T> => {
  const { url, flags, ...credential } = await selectOrchestrator(options);
  try {
    return await use({ jobs: createHttpJobs({ url, ...credential }), flags });
  } catch (error) {
    throw describeFailure(error, url);
  }
};

const selectOrchestrator = async (options: ConnectionOptions) => {
  const { data, orchestrator, keyFile, tokenFile, audience } = options;
  const ofEnvironment = data === undefined ? process.env['COXSWAIN_ORCHESTRATOR_URL'] : undefined;
  const address = orchestrator ?? ofEnvironment;
  if (address) {
    const name = orchestrator === undefined ? 'COXSWAIN_ORCHESTRATOR_URL' : '--orchestrator';
    const url = checkAddress(name, address);
    const credential = await readCredential(options, process.env);
    const flags = {
      orchestrator: orchestrator && url,
      'key-file': keyFile,
      'token-file': tokenFile,
      audience,
    };
    return { url, flags: formatFlags(flags), ...credential };
  }
  const { url, key } = (await readPlatformFile(resolveDataFolder(data))).orchestrator;
  return { url, key, flags: formatFlags({ data }) };
};

/** Returns the base URL without a slash at the end. The message contains nothing that could be a secret. */
const checkAddress = (name: string, address: string): string => {
  const url = URL.parse(address);
  const received = url ? `"${url.origin}"` : 'a value that is not an address';
  const expected = findAddressProblem(address);
  if (expected !== undefined) throw new UsageError(`${name}: expected ${expected}, received ${received}.`);
  if (url?.search || url?.hash || /\/api\/?$/.test(url?.pathname ?? ''))
    throw new UsageError(`${name}: expected the address without /api, query and fragment.`);
  return address.replace(/\/+$/, '');
};
