import { allowHttpName, findAddressProblem } from '../../runtime/secure-address.ts';
import { InputError } from './input-error.ts';

/** Returns the problem of an address to which the step would send a credential; undefined if there is none. */
export const describeInsecureAddress = (
  what: string,
  address: string,
  environment: NodeJS.ProcessEnv,
): string | undefined => {
  const expected = findAddressProblem(address, environment);
  if (expected === undefined) return undefined;
  const received = URL.canParse(address)
    ? JSON.stringify(new URL(address).origin)
    : 'a value that is not a URL';
  return `${what}: expected ${expected}, received ${received}. Use https. If a private host does not support it, set ${allowHttpName} to the host name in the "env" of this step.`;
};

/** Checks an address. @throws InputError if the step must not send a credential there */
export const requireSecureAddress = (what: string, address: string, environment: NodeJS.ProcessEnv): void => {
  const mistake = describeInsecureAddress(what, address, environment);
  if (mistake !== undefined) throw new InputError([mistake]);
};
