/** What a person is to a worksheet, as pages and gateway tell it to each other. */
export type WorksheetRole = 'owner' | 'editor' | 'runner' | 'viewer';

/** WebSocket close code: the person has no right to the worksheet any more. */
export const ACCESS_WITHDRAWN = 4403;
