/** Makes the source of a cell from an attack's program: its settings, the shared prelude, its text. Also what the program says of itself. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Limits, Marks } from './stage.ts';

const folder = join(import.meta.dirname, 'programs');

/** Memory that the memory attacks take at most: above the policy's limit, and with 512 MiB below the weak container's safety cap. */
const MEMORY_CAP_MIB = 1024;
const ABOVE_LIMIT_MIB = 512;

export function attackSource(name: string, marks: Marks, limits: Limits): string {
  const reversed = (text: string) => [...text].reverse().join('');
  const settings = {
    mark_reversed: reversed(marks.mark),
    forgery_reversed: reversed(marks.forgery),
    port: marks.port,
    memory_mib: Math.max(MEMORY_CAP_MIB, limits.memoryMib + ABOVE_LIMIT_MIB),
    limit_mib: limits.memoryMib,
    pids: limits.pids,
    open_files: limits.openFiles,
    inodes: limits.inodes,
    hold_seconds: 20,
  };
  return `SETTINGS = ${JSON.stringify(settings)}\n${program('_prelude')}\n${program(name)}`;
}

const program = (name: string): string => readFileSync(join(folder, `${name}.py`), 'utf8');

export interface Words {
  /** What the attack tries. */
  readonly tries: string;
  /** Completes "Contained: …". */
  readonly contained: string;
}

/** From the program's first words, `"""What it tries. Contained: what must be seen."""`. */
export function wordsOf(name: string): Words {
  const text = /^"""([\s\S]*?)"""/.exec(program(name))?.[1]?.replace(/\s+/g, ' ') ?? '';
  const [tries = '', contained = ''] = text.split(/\s*Contained: /);
  return { tries: tries.trim(), contained: contained.trim() };
}

export const neighbourSource = (marks: Marks, limits: Limits) => attackSource('_neighbour', marks, limits);

export function newMarks(): Marks {
  const word = (kind: string) => `${kind}-${randomBytes(9).toString('hex')}`;
  return { mark: word('mark'), forgery: word('forgery'), port: 20_000 + Math.floor(Math.random() * 20_000) };
}

/** Asks for the neighbour's mark on its own machine. */
export const knockSource = (marks: Marks) => `
import socket
guest = socket.create_connection(('127.0.0.1', ${marks.port}), 2)
print(guest.recv(100).decode() == '${marks.mark}')
guest.close()
`;
