import { SettingsError } from '../../../runtime/settings.ts';

/** Tokens are trusted, and nobody has said for whom they have to be made. @param name the variable that would say it */
export const toMissingAudienceError = (name: string): SettingsError =>
  new SettingsError(
    `The environment is not right.\n  ${name}: expected the audience of tokens, received nothing`,
  );
