/** What the edge works with; `app/` constructs it. */
import type { Accounts } from '../auth/accounts.ts';
import type { Authenticator } from '../auth/authenticate.ts';
import type { BrowserSessions } from '../auth/browser-sessions.ts';
import type { LaunchGrants } from '../auth/launch-grants.ts';
import type { People } from '../auth/people.ts';
import type { Rates } from '../auth/rates.ts';
import type { SiteAddress } from '../auth/site-address.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { AuditSink } from '../base/audit.ts';
import type { Clock } from '../base/clock.ts';
import type { TokenId } from '../base/ids.ts';
import type { Logger, Meter } from '../base/ports.ts';
import type { Kernels } from '../kernel/contract.ts';
import type { Operations } from '../operations/operations.ts';
import type { Privacy } from '../privacy/privacy.ts';
import type { AuditReader } from '../telemetry/audit-reader.ts';
import type { History } from '../worksheet/history/history.ts';
import type { KeptFiles } from '../worksheet/kept/kept-files.ts';
import type { Access } from '../worksheet/library/access.ts';
import type { Library } from '../worksheet/library/library.ts';
import type { Sharing } from '../worksheet/library/sharing.ts';
import type { Rooms } from '../worksheet/rooms/rooms.ts';
import type { Kernelspecs } from './jupyter/kernelspecs.ts';
import type { Sessions } from './jupyter/sessions.ts';

export interface EdgeDeps {
  readonly authenticator: Authenticator;
  readonly site: SiteAddress;
  readonly grants: LaunchGrants;
  readonly tokens: Tokens;
  readonly browsers: BrowserSessions;
  readonly accounts: Accounts;
  readonly people: People;
  /** Of proxies whose X-Forwarded-For is believed. */
  readonly proxies: readonly string[];
  readonly rates: Rates;
  readonly slow: SlowLimits;
  /** True for the first browser that a token's address signs in. */
  readonly spendLink: (token: TokenId) => Promise<boolean>;
  readonly kernels: Kernels;
  readonly specs: Kernelspecs;
  readonly sessions: Sessions;
  readonly access: Access;
  readonly library: Library;
  readonly files: KeptFiles;
  readonly history: History;
  readonly sharing: Sharing;
  readonly rooms: Rooms;
  readonly operations: Operations;
  readonly audit: AuditSink;
  readonly auditReader: AuditReader;
  readonly privacy: Privacy;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly logger: Logger;
  /** In front of every path: empty, or `/base` without a slash at the end. */
  readonly base: string;
  /** What `GET /api` answers. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
}

export interface SlowLimits {
  /** Milliseconds in which the head of a request has to be there. */
  readonly head: number;
  /** Milliseconds in which a body has to be there, but for uploads of files (file-routes.ts). */
  readonly body: number;
  /** Milliseconds that an upload of a file may take, and how long of it without a byte. */
  readonly upload: number;
  readonly silent: number;
}
