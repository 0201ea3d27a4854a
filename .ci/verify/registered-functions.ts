import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import * as v from 'valibot';

const stub = join(import.meta.dirname, '../../test/fakes/functions-core.cjs');

const Binding = v.looseObject({ type: v.string(), direction: v.string() });
const Registered = v.object({
  functions: v.array(v.object({ name: v.string(), bindings: v.array(Binding) })),
  streams: v.boolean(),
});

/** The functions that a program registers, and whether the host must stream HTTP. */
export type Registered = v.InferOutput<typeof Registered>;

/** Settings with which the orchestrator registers its functions. Nothing answers at the storage account. */
export const registrationSettings = (() => {
  const storage =
    'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;BlobEndpoint=http://127.0.0.1:1/a;QueueEndpoint=http://127.0.0.1:1/a';
  return {
    COXSWAIN_STORAGE: storage,
    COXSWAIN_EVENTS: storage,
    COXSWAIN_KEY: 'a key of more than 24 characters',
  };
})();

/** Runs a program as the Functions worker does, which provides `@azure/functions-core`, and returns what it registers. */
export const listRegistered = async (
  node: string,
  entry: string,
  settings: Record<string, string>,
): Promise<Registered> => {
  const env = { PATH: process.env['PATH'], ...settings };
  const { stdout } = await promisify(execFile)(node, ['--require', stub, entry], { env });
  return v.parse(Registered, JSON.parse(stdout));
};

/** Unpacks the orchestrator's package. Returns the path of the program that its `package.json` names. */
export const unpackPackage = async (archive: Uint8Array, folder: string): Promise<string> => {
  const files = unzipSync(archive);
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  const manifest = JSON.parse(Buffer.from(files['package.json'] ?? '{}').toString()) as unknown;
  return join(folder, v.parse(v.object({ main: v.string() }), manifest).main);
};
