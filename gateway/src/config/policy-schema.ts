/** The JSON Schemas of `policies/*.yaml` for editors, made from the zod schemas; the checks compare the files with this. */
import { z } from 'zod';
import { policySchema, siteSchema } from './policy.ts';

/** File name → text of each generated schema. */
export function schemaFiles(): Readonly<Record<string, string>> {
  return {
    'policy.schema.json': jsonSchema(policySchema, 'Carrel policy'),
    'site.schema.json': jsonSchema(siteSchema, 'Carrel site'),
  };
}

/** Of the input side: "512 MiB" is a text in the file, whatever it becomes. */
function jsonSchema(schema: z.ZodType, title: string): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}
