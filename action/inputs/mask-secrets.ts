import { setSecret } from '@actions/core';
import { getSecretEncodings } from '../../runtime/secret-encodings.ts';
import { readInputText, secretInputs } from './input-definitions.ts';

/** Makes the runner mask a value, and its usual encodings, in the log from now on. */
export const maskSecret = (secret: string): void =>
  [secret, ...getSecretEncodings([secret], { value: 1, derived: 8 })].forEach((form) => setSecret(form));

/** Makes the runner mask the secret inputs in the log. */
export const maskSecrets = (environment: NodeJS.ProcessEnv): void => {
  for (const name of secretInputs) {
    const secret = readInputText(name, environment);
    if (secret !== undefined) maskSecret(secret);
  }
};
