/** The columns as the database holds them. Times are milliseconds since the epoch, flags are 0 or 1, lists and records are JSON. */
export interface Tables {
  users: UserRow;
  api_tokens: TokenRow;
  web_sessions: WebSessionRow;
  jupyter_sessions: JupyterSessionRow;
  kernels: KernelRow;
  worksheets: WorksheetRow;
  worksheet_files: WorksheetFileRow;
  worksheet_updates: WorksheetUpdateRow;
  worksheet_versions: VersionRow;
  worksheet_blobs: BlobRow;
  worksheet_version_blobs: VersionBlobRow;
  worksheet_shares: WorksheetShareRow;
  worksheet_links: WorksheetLinkRow;
  worksheet_link_guests: WorksheetLinkGuestRow;
  passwords: PasswordRow;
  invitations: InvitationRow;
  liveness: LivenessRow;
  audit_lines: AuditLineRow;
  audit_head: AuditHeadRow;
}

/** Lines of the audit log (base/audit.ts). */
export interface AuditLineRow {
  seq: number;
  at: number;
  event: string;
  actor: string | null;
  via: string;
  subject: string | null;
  details: string;
  address: string | null;
  salt: string | null;
  sealed: string | null;
  previous: string;
  hash: string;
}

/** One row: the last line's number and hash. */
export interface AuditHeadRow {
  id: string;
  seq: number;
  hash: string;
}

export interface LivenessRow {
  id: string;
  at: number;
}

export interface UserRow {
  id: string;
  name: string;
  role: string;
  disabled: number;
  created_at: number;
  /** The name without differences of case and of width, by which people are asked for when they sign in. */
  name_key: string;
  /** Of the last browser; null before the first. */
  signed_in_at: number | null;
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
  /** As the browser called itself, and from where, when it signed in. */
  user_agent: string;
  address: string;
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
  /** When and why (`idle`, `life`) its policy ended its sandbox; null while it has one, or where it ended otherwise. */
  slept_at: number | null;
  slept_by: string | null;
}

/** A worksheet's document: Yjs updates, which applied in the order of `seq` make the document. */
export interface WorksheetUpdateRow {
  worksheet_id: string;
  seq: number;
  at: number;
  data: Uint8Array;
}

export interface PasswordRow {
  user_id: string;
  /** The hash as a PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
  phc: string;
  changed_at: number;
}

/** Links by which a person sets a password. At most one for each person; one that was used or withdrawn is no longer here. */
export interface InvitationRow {
  id: string;
  user_id: string;
  /** SHA-256 of the link's key. */
  key_hash: string;
  /** `invite` or `reset`. */
  purpose: string;
  created_at: number;
  ends_at: number;
}

export interface WorksheetShareRow {
  worksheet_id: string;
  user_id: string;
  role: string;
  created_at: number;
}

export interface WorksheetLinkRow {
  id: string;
  worksheet_id: string;
  role: string;
  /** SHA-256 of the key in the link's address. */
  key_hash: string;
  created_at: number;
}

/** Who came by a link. */
export interface WorksheetLinkGuestRow {
  link_id: string;
  user_id: string;
  came_at: number;
}

export interface VersionRow {
  id: string;
  worksheet_id: string;
  at: number;
  kind: string;
  name: string | null;
  /** A list of names. */
  who: string;
  sources: string;
  whole: string;
  /** Of `content`. */
  bytes: number;
  content: Uint8Array;
}

/** A large value of versions of one worksheet. */
export interface BlobRow {
  worksheet_id: string;
  hash: string;
  /** Of `data`. */
  bytes: number;
  data: Uint8Array;
}

export interface VersionBlobRow {
  version_id: string;
  hash: string;
}

/** A file that is kept with a worksheet; the content is in the data folder under the name `blob`. */
export interface WorksheetFileRow {
  worksheet_id: string;
  path: string;
  size: number;
  /** Microseconds since the epoch; 0 where it is to be looked at again. */
  mtime: number;
  sha256: string;
  blob: string;
  /** The sandbox that has it as it is kept. */
  seen_in: string | null;
  changed_at: number;
}
