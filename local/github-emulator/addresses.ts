/** The addresses of the emulator in this run. Its port may differ in the next run. */
export type EmulatorAddresses = {
  /** The base URL of the pages, without a trailing slash. */
  site: string;
  /** The base URL of the REST API, as on GitHub Enterprise Server. */
  api: string;
};

export const buildAddresses = (site: string): EmulatorAddresses => ({ site, api: `${site}/api/v3` });
