/**
 * An image may declare volumes. The engine then gives each container a writable folder on the host's disk, outside of every
 * limit, and no field of the create request turns that off: such an image is refused.
 */
import { CarrelError } from '../../base/errors.ts';

/** `volumes` as the engine's image inspection has it, paths as keys. Throws `sandbox_rejected`. */
export function refuseVolumes(image: string, volumes: object | null | undefined): void {
  const paths = Object.keys(volumes ?? {});
  if (paths.length === 0) return;
  throw new CarrelError(
    'sandbox_rejected',
    `expected the image "${image}" to declare no VOLUME, got ${paths.join(', ')}: that would be a folder on the host's disk without a limit`,
  );
}
