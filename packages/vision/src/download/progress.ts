export interface Progress {
  /** Bytes that are here, and bytes that were before this attempt. */
  readonly received: number;
  readonly before: number;
  /** `undefined` if the server does not say. */
  readonly total: number | undefined;
  readonly seconds: number;
}

/** `45 of 169 MB (27 %), 3.2 MB/s, 39 s left` */
export function progressLine({ received, before, total, seconds }: Progress): string {
  const rate = seconds > 0 ? (received - before) / seconds : 0;
  const speed = `${megabytes(rate, 1)} MB/s`;
  if (total === undefined) return `${megabytes(received)} MB, ${speed}`;
  const done = `${megabytes(received)} of ${megabytes(total)} MB (${Math.floor((100 * received) / total)} %), ${speed}`;
  return rate > 0 ? `${done}, ${duration((total - received) / rate)} left` : done;
}

export function megabytes(bytes: number, digits = 0): string {
  return (bytes / 1e6).toFixed(digits);
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
