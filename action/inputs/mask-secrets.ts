import { setSecret } from '@actions/core';
import { secretForms } from '../../runtime/secret-encodings.ts';
import { inputText, secretInputs } from './input-definitions.ts';

/** Makes the runner mask a value, and its usual encodings, in the log from now on. */
export const maskSecret = (secret: string): void =>
  [secret, ...secretForms([secret], { value: 1, derived: 8 })].forEach((form) => setSecret(form));

/** From here on the runner prints stars in their place. */
export const maskSecrets = (environment: NodeJS.ProcessEnv): void => {
  for (const name of secretInputs) {
    const secret = inputText(name, environment);
    if (secret !== undefined) maskSecret(secret);
  }
};
