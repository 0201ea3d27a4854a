/** Returns the first cause of an error. */
export const getRootCause = (error: unknown): NodeJS.ErrnoException => {
  let root = error as Error;
  // Not `instanceof`: Node's own errors can come from another realm.
  while (root.cause !== null && typeof root.cause === 'object') root = root.cause as Error;
  return root;
};

/**
 * Returns why a request got no answer, such as "connect ECONNREFUSED 127.0.0.1:7071". Only timeouts and errors with a code, which are
 * those of the system, of HTTP and of TLS, are quoted: other messages can contain a header or an address with a password.
 */
export const describeConnectionFailure = (error: unknown): string => {
  const { name, code, message } = getRootCause(error);
  if (name === 'TimeoutError' || name === 'AbortError') return message;
  // Node tries all addresses of a name, and reports the failures together, without a message.
  return (code && (message || code)) || 'the connection failed';
};

const resetCodes: readonly (string | undefined)[] = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'];

/** Returns whether the other side closed the connection: it may have been idle for too long when the request was sent on it. */
export const isConnectionReset = (error: unknown): boolean => resetCodes.includes(getRootCause(error).code);
