/** Makes the source of a cell from an attack's file: its settings, the shared prelude, its text. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Limits, Marks } from './stage.ts';

const folder = join(import.meta.dirname, 'attacks');

/** Memory that the memory attacks take at most: above every policy's limit, below the weak container's safety cap. */
const MEMORY_CAP_MIB = 1024;

export function attackSource(name: string, marks: Marks, limits: Limits): string {
  const reversed = (text: string) => [...text].reverse().join('');
  const settings = {
    mark_reversed: reversed(marks.mark),
    forgery_reversed: reversed(marks.forgery),
    port: marks.port,
    memory_mib: MEMORY_CAP_MIB,
    limit_mib: limits.memoryMib,
    hold_seconds: 20,
  };
  const text = (file: string) => readFileSync(join(folder, `${file}.py`), 'utf8');
  return `SETTINGS = ${JSON.stringify(settings)}\n${text('_prelude')}\n${text(name)}`;
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
