/** Branded identifiers. This file is the only place that makes one from a plain string. */
import { randomBytes, randomUUID } from 'node:crypto';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type KernelId = Branded<'KernelId'>;
export type SessionId = Branded<'SessionId'>;
/** Names what a sandbox is open for; opaque to the warden. A kernel that was started without a document is its own worksheet. */
export type WorksheetId = Branded<'WorksheetId'>;
/** 16 lower-case hexadecimal digits; also part of the container's name. */
export type SandboxId = Branded<'SandboxId'>;
export type UserId = Branded<'UserId'>;
export type TokenId = Branded<'TokenId'>;
export type PolicyName = Branded<'PolicyName'>;
/** A version of a worksheet that is kept. */
export type VersionId = Branded<'VersionId'>;

/** Jupyter servers in front of a gateway route only ids of this shape (jupyter_server, services/kernels/handlers.py). */
const UUID = /^\w+-\w+-\w+-\w+-\w+$/;
const WORKSHEET = /^[\w-]{1,64}$/;
const SANDBOX = /^[0-9a-f]{16}$/;
const POLICY = /^[a-z][a-z0-9-]{0,31}$/;

export const newKernelId = (): KernelId => randomUUID() as KernelId;
export const newSessionId = (): SessionId => randomUUID() as SessionId;
export const newSandboxId = (): SandboxId => randomBytes(8).toString('hex') as SandboxId;
export const newUserId = (): UserId => randomUUID() as UserId;
export const newWorksheetId = (): WorksheetId => randomUUID() as WorksheetId;
export const newTokenId = (): TokenId => randomUUID() as TokenId;
export const newVersionId = (): VersionId => randomUUID() as VersionId;

export const isKernelId = (text: string): text is KernelId => text.length <= 64 && UUID.test(text);
export const isSessionId = (text: string): text is SessionId => text.length <= 64 && UUID.test(text);
export const isWorksheetId = (text: string): text is WorksheetId => WORKSHEET.test(text);
export const isSandboxId = (text: string): text is SandboxId => SANDBOX.test(text);
export const isVersionId = (text: string): text is VersionId => text.length === 36 && UUID.test(text);
export const isPolicyName = (text: string): text is PolicyName => POLICY.test(text);

/** Every kernel id is a valid worksheet id. */
export const worksheetOfKernel = (id: KernelId): WorksheetId => id as string as WorksheetId;
/** A worksheet of the library: its id is a UUID, so that its kernel can have the same. */
export const isLibraryId = (text: string): text is WorksheetId => text.length === 36 && UUID.test(text);
/** The kernel of a worksheet of the library. */
export const kernelOfWorksheet = (id: WorksheetId): KernelId => id as string as KernelId;
/** For values read back from the store, which were checked when they were written. */
export const storedUserId = (text: string): UserId => text as UserId;
export const storedTokenId = (text: string): TokenId => text as TokenId;
