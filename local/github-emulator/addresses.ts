/** Where the sandbox is reached in this run; its port may be another one in the next. */
export type EmulatorAddresses = {
  /** The site with its pages, without a slash at the end. */
  site: string;
  /** The REST API, as on a GitHub Enterprise Server. */
  api: string;
};

export const buildAddresses = (site: string): EmulatorAddresses => ({ site, api: `${site}/api/v3` });
