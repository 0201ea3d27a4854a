import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { run } from '../verify/run.ts';

/** How an image starts its program. Source: https://github.com/opencontainers/image-spec/blob/main/config.md */
export const ImageConfig = v.object({
  User: v.string(),
  Entrypoint: v.array(v.string()),
  Env: v.array(v.string()),
  WorkingDir: v.optional(v.string(), '/'),
});
export type ImageConfig = v.InferOutput<typeof ImageConfig>;

const Config = v.object({ config: ImageConfig });

const Manifest = v.tuple([v.object({ Config: v.string(), Layers: v.array(v.string()) })]);

/** Unpacks a docker-archive into a folder. Returns the root of the image's file system, and its configuration. */
export const unpackImage = async (
  archive: string,
  folder: string,
): Promise<{ root: string; config: ImageConfig }> => {
  const parts = join(folder, 'archive');
  const root = join(folder, 'root');
  await unpack(archive, parts);
  const readPart = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(parts, name), 'utf8'));
  const [{ Config: config, Layers: layers }] = v.parse(Manifest, await readPart('manifest.json'));
  for (const layer of layers) await unpack(join(parts, layer), root);
  return { root, config: v.parse(Config, await readPart(config)).config };
};

const unpack = async (archive: string, folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const { code, output } = await run(['tar', '--extract', `--file=${archive}`, `--directory=${folder}`]);
  if (code !== 0) throw new Error(`Could not unpack ${archive}: ${output}`);
};
