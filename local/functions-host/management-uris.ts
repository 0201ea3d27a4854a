export type ManagementOptions = {
  /** The host's own base URL. */
  baseUrl: string;
  taskHub: string;
  /** The system key; it allows everything and stands in each URI. */
  key: string;
};

/** Where the Durable HTTP API lies. */
export const durablePath = 'runtime/webhooks/durabletask';

/** Builds the management URIs of an instance, as a start's answer holds them. They are secrets. */
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
