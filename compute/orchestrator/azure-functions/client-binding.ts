import { input, type InvocationContext } from '@azure/functions';
import * as v from 'valibot';
import { omitReceived, parseInput } from '../../../contracts/problem.ts';

/** The input binding that gives a function access to Durable Functions, shared by all functions of the app. */
export const clientInput = input.generic({ type: 'durableClient' });

const expectedAddress = "expected the address of the extension's listener on this machine";

/**
 * The data that the Durable Functions extension passes to a function with a durable client (its BindingHelper). `rpcBaseUrl`: its listener
 * on this machine, which needs no key; `managementUrls`: public URIs with a system key, with `managementUrls.id` in place of an instance's
 * ID.
 */
const ClientBinding = v.object({
  rpcBaseUrl: v.pipe(
    v.string(expectedAddress),
    v.url(expectedAddress),
    v.transform((url) => url.replace(/\/?$/, '/')),
  ),
  managementUrls: v.objectWithRest({ id: v.pipe(v.string(), v.minLength(1)) }, v.string()),
});
export type ClientBinding = v.InferOutput<typeof ClientBinding>;

/**
 * Returns the durable client's binding of an invocation.
 * @throws for a binding without the extension's local listener: the public URIs would send the system key over the network. The error
 *   contains none of the received values
 */
export const readClientBinding = ({ extraInputs }: Pick<InvocationContext, 'extraInputs'>): ClientBinding => {
  const read = parseInput(ClientBinding, extraInputs.get(clientInput));
  if (read.ok) return read.value;
  const { message } = omitReceived(read.problem);
  throw new Error(
    `The Durable Functions extension passed a client binding that this app cannot use: ${message}. Run the app with the extension bundle that its host.json names.`,
  );
};
