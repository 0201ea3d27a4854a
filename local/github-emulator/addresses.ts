/** Where the sandbox is reached in this run; its port may be another one in the next. */
export type Addresses = {
  /** The site with its pages, without a slash at the end. */
  site: string;
  /** The REST API, as on a GitHub Enterprise Server. */
  api: string;
};

export const addressesAt = (site: string): Addresses => ({ site, api: `${site}/api/v3` });
