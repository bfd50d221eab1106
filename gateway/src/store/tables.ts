/** The columns as the database holds them. Times are milliseconds since the epoch, flags are 0 or 1, lists and records are JSON. */
export interface Tables {
  users: UserRow;
  api_tokens: TokenRow;
  web_sessions: WebSessionRow;
  jupyter_sessions: JupyterSessionRow;
  kernels: KernelRow;
  worksheets: WorksheetRow;
  worksheet_updates: WorksheetUpdateRow;
}

export interface UserRow {
  id: string;
  name: string;
  role: string;
  disabled: number;
  created_at: number;
}

export interface TokenRow {
  id: string;
  user_id: string;
  label: string;
  created_at: number;
  expires_at: number;
  revoked: number;
  /** Whether the address that carries it has signed a browser in. */
  link_used: number;
  /** `2026-01-02`, null before the first use: a day tells whether a token is still needed and costs one write a day. */
  last_used_day: string | null;
}

export interface WebSessionRow {
  /** SHA-256 of the cookie's value: who reads the database cannot sign in with it. */
  id_hash: string;
  user_id: string;
  csrf: string;
  created_at: number;
  seen_at: number;
  ends_at: number;
}

export interface JupyterSessionRow {
  id: string;
  user_id: string;
  path: string;
  name: string;
  type: string;
  kernel_id: string;
  created_at: number;
}

export interface KernelRow {
  id: string;
  user_id: string;
  policy: string;
  kernel: string;
  name: string;
  env: string;
  sandbox: string;
  generation: number;
  created_at: number;
  last_activity: number;
}

export interface WorksheetRow {
  id: string;
  user_id: string;
  title: string;
  policy: string;
  kernel: string;
  kernelspec: string;
  created_at: number;
  changed_at: number;
  /** Null while it is not in the trash. */
  trashed_at: number | null;
}

/** A worksheet's document: Yjs updates, which applied in the order of `seq` make the document. */
export interface WorksheetUpdateRow {
  worksheet_id: string;
  seq: number;
  at: number;
  data: Uint8Array;
}
