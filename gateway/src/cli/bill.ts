/** `carrel bill`: the bill of materials that was made with the image. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { programFolder } from '../app/places.ts';
import { CarrelError } from '../base/errors.ts';

const FILE = 'bill-of-materials.cdx.json';

export const billCommand = (): Command =>
  new Command('bill').description('print what this image is made of (CycloneDX, JSON)').action(() => {
    process.stdout.write(readBill(join(programFolder, FILE)));
  });

export function readBill(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const message = `there is no ${path}: the bill is made when an image is built; from a clone, "npm sbom" makes one of the Node packages`;
    throw new CarrelError('not_found', message, { cause });
  }
}
