import { createManagementUris, durablePath } from '../functions-host/management-uris.ts';
import type { RpcData } from './worker/programming-model.ts';

type DurableBindingOptions = {
  /** The public base URL of the host, without a final slash. The app must not call it. */
  publicUrl: string;
  taskHub: string;
  systemKey: string;
  /** The address of the extension's listener on this machine. */
  rpcBaseUrl: string;
};

/** The placeholder for the id of an instance in the URIs, as in the extension's BindingHelper.cs. */
const idPlaceholder = 'INSTANCEID';

/** Returns the data that the Durable Functions extension gives the input binding `durableClient`. */
export const createDurableBinding = ({
  publicUrl,
  taskHub,
  systemKey,
  rpcBaseUrl,
}: DurableBindingOptions): RpcData => {
  const baseUrl = `${publicUrl}/${durablePath}`;
  const query = new URLSearchParams({ taskHub, connection: 'Storage', code: systemKey }).toString();
  const creation = `${baseUrl}/orchestrators/{functionName}[/{instanceId}]?${query}`;
  return {
    string: JSON.stringify({
      taskHubName: taskHub,
      creationUrls: {
        createNewInstancePostUri: creation,
        createAndWaitOnNewInstancePostUri: `${creation}&timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}`,
      },
      managementUrls: createManagementUris({ baseUrl: publicUrl, taskHub, key: systemKey })(idPlaceholder),
      baseUrl,
      requiredQueryStringParameters: new URLSearchParams({ code: systemKey }).toString(),
      rpcBaseUrl,
    }),
  };
};
