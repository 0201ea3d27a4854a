import type * as http from 'node:http';
import { bypassProxyForLoopback } from '../runtime/loopback.ts';
import { InputError } from './inputs/inputs.ts';

const variables = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];

/**
 * Sends all calls of this process, except those to this machine, through the proxy that the environment sets.
 * @param environment the process's own; `http://` is added to addresses without a scheme, because Entra's library also reads them
 * @returns false if a proxy is set and this version of Node cannot use it: it is older than 24.14
 * @throws InputError
 */
export const useProxy = (environment: NodeJS.ProcessEnv): boolean => {
  const setVariables = variables.filter((name) => environment[name]);
  for (const name of setVariables) environment[name] = normalizeAddress(name, environment[name] ?? '');
  bypassProxyForLoopback(environment);
  if (setVariables.length === 0 || environment['NODE_USE_ENV_PROXY'] === '1') return true;
  // An import would load the module even without a proxy.
  const { setGlobalProxyFromEnv }: Partial<typeof http> = process.getBuiltinModule('node:http');
  setGlobalProxyFromEnv?.(environment);
  return setGlobalProxyFromEnv !== undefined;
};

/** Adds a missing scheme, as the runner itself does. @throws InputError without the address, which may contain a password */
const normalizeAddress = (name: string, value: string): string => {
  const address = value.includes('://') ? value : `http://${value}`;
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address;
  throw new InputError([
    `The runner's ${name}: expected an address such as http://proxy.example.com:3128, received another value. Correct it in the environment of the runner.`,
  ]);
};
