const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Formats a size in bytes, with at most one digit after the point: `512 bytes`, `12 KiB`, `3.4 MiB`. */
export const formatFileSize = (bytes: number): string => {
  const unit = bytes < 1_024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const size = bytes / 1_024 ** unit;
  const digits = unit > 1 && size < 100 ? 1 : 0;
  return bytes === 1 ? '1 byte' : `${Number(size.toFixed(digits))} ${units[unit]}`;
};
