import * as v from 'valibot';

/*
 * What the library `@azure/functions`, which is part of the app's bundle, exchanges with a worker: its own types are in the package
 * `@azure/functions-core`, which no registry has. The host's data arrive as `RpcTypedData` of the worker's protocol
 * (Azure/azure-functions-language-worker-protobuf).
 */

export const Binding = v.looseObject({ type: v.string(), direction: v.picklist(['in', 'out']) });
/** A binding of a function, as the app registers it. */
export type Binding = v.InferOutput<typeof Binding>;

/** An HTTP request or response. */
export type RpcHttp = {
  url?: string;
  method?: string;
  headers?: Record<string, string>;
  params?: Record<string, string>;
  statusCode?: string;
  body?: RpcData | null;
};

/** A value: exactly one of the fields is set. */
export type RpcData = {
  string?: string;
  json?: string;
  bytes?: Uint8Array;
  int?: number;
  double?: number;
  http?: RpcHttp;
};

/** A call of a function as the worker gets it. */
export type CoreInvocation = {
  invocationId: string;
  metadata: { name: string; bindings: Readonly<Record<string, Binding>> };
  request: {
    invocationId: string;
    /** The data of the input bindings, by their names. */
    inputData: { name: string; data: RpcData }[];
    triggerMetadata: Readonly<Record<string, RpcData>>;
  };
  state: undefined;
  log: (level: string, category: string, message: string) => void;
};

type InvocationContext = { readonly invocationId: string };

/** How the library calls a function: it converts the inputs, calls the callback, and converts the result. */
export type InvocationModel = {
  getArguments(): Promise<{ context: InvocationContext; inputs: unknown[] }>;
  invokeFunction(
    context: InvocationContext,
    inputs: unknown[],
    callback: (...inputs: unknown[]) => unknown,
  ): Promise<unknown>;
  getResponse(context: InvocationContext, result: unknown): Promise<{ returnValue?: RpcData | null }>;
};

/** The programming model that the library registers with a worker. */
export type ProgrammingModel = {
  getInvocationModel(invocation: CoreInvocation): InvocationModel;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
};
