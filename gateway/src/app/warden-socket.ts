/** Where the warden listens and the gateway asks: one place, so that both agree. */
import { join } from 'node:path';

/** In a folder of its own, which only the warden's user may enter. */
export const wardenFolder = (dataFolder: string): string => join(dataFolder, 'warden');
export const wardenSocket = (dataFolder: string): string => join(wardenFolder(dataFolder), 'warden.sock');
