export type ManagementOptions = {
  /** The base URL of the host. */
  baseUrl: string;
  taskHub: string;
  /** The system key. It allows everything, and each URI contains it. */
  key: string;
};

/** The path of the Durable HTTP API. */
export const durablePath = 'runtime/webhooks/durabletask';

/** Returns a function that builds the management URIs in the response to a start. They are secrets. */
export const createManagementUris = ({
  baseUrl,
  taskHub,
  key,
}: ManagementOptions): ((id: string) => Record<string, string>) => {
  const access = new URLSearchParams({ taskHub, connection: 'Storage', code: key }).toString();
  return (id) => {
    const instance = `${baseUrl}/${durablePath}/instances/${encodeURIComponent(id)}`;
    return {
      id,
      statusQueryGetUri: `${instance}?${access}`,
      sendEventPostUri: `${instance}/raiseEvent/{eventName}?${access}`,
      terminatePostUri: `${instance}/terminate?reason={text}&${access}`,
      rewindPostUri: `${instance}/rewind?reason={text}&${access}`,
      purgeHistoryDeleteUri: `${instance}?${access}`,
      restartPostUri: `${instance}/restart?${access}`,
      suspendPostUri: `${instance}/suspend?reason={text}&${access}`,
      resumePostUri: `${instance}/resume?reason={text}&${access}`,
    };
  };
};
