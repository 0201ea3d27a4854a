import type * as http from 'node:http';
import { bypassProxyForLoopback } from '../runtime/loopback.ts';
import { InputError } from './inputs/inputs.ts';

const variables = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];

/**
 * Sends all calls of this process, except those to this machine, through the proxy that the environment sets, as runners behind a proxy
 * need.
 * @param environment the process's own; an address in it that leaves out `http://` gets it, for Entra's library reads it, too
 * @returns false if there is one, and this Node cannot: it is older than 24.14
 * @throws InputError
 */
export const useProxy = (environment: NodeJS.ProcessEnv): boolean => {
  const setVariables = variables.filter((name) => environment[name]);
  for (const name of setVariables) environment[name] = normalizeAddress(name, environment[name] ?? '');
  bypassProxyForLoopback(environment);
  if (setVariables.length === 0 || environment['NODE_USE_ENV_PROXY'] === '1') return true;
  // An import would load all that this module has to give, also where there is no proxy.
  const { setGlobalProxyFromEnv }: Partial<typeof http> = process.getBuiltinModule('node:http');
  setGlobalProxyFromEnv?.(environment);
  return setGlobalProxyFromEnv !== undefined;
};

/** A runner itself takes an address without `http://`. What was received may hold a password. */
const normalizeAddress = (name: string, given: string): string => {
  const address = given.includes('://') ? given : `http://${given}`;
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address;
  throw new InputError([
    `The runner's ${name}: expected an address such as http://proxy.example.com:3128, received another text. Set it right in the environment of the runner.`,
  ]);
};
