/** What can stand beside the cells. */
export type PanelName = 'contents' | 'files' | 'history';
