import { setSecret } from '@actions/core';
import { inputText, secretInputs } from './given.ts';

/** From here on the runner prints stars in their place. */
export const maskSecrets = (environment: NodeJS.ProcessEnv): void => {
  for (const name of secretInputs) {
    const secret = inputText(name, environment);
    if (secret !== undefined) setSecret(secret);
  }
};
