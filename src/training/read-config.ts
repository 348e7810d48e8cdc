import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../files/package-root.ts';
import { readGivenJson } from '../files/read-file.ts';

export const Count = z.number().int().positive();
/** From 0 on, below 1. */
export const Share = z.number().min(0).lt(1);

/** It becomes a folder's name. */
export const RunName = z.string().regex(/^[\w.-]+$/, 'may have letters, digits, points and dashes');

/** `Schedule`, as a configuration has it. */
export const ScheduleConfig = z.strictObject({
  rate: z.number().positive(),
  warmUp: z.number().int().min(0).default(0),
  decay: z.enum(['cosine', 'constant', 'inverse-sqrt']),
  floor: Share.default(0),
});

/**
 * Reads a configuration; `configs/…` of any folder that has none of that name is the one that comes with Attend.
 * @throws Error that says which of its keys is missing, unknown or out of range
 */
export async function readConfig<Config>(path: string, shape: z.ZodType<Config>): Promise<Config> {
  const own = join(packageRoot(), path);
  const parsed = shape.safeParse(await readGivenJson(!existsSync(path) && existsSync(own) ? own : path));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'it'}: ${issue.message}`);
  throw new Error(`The configuration ${path} cannot be used. ${issues.join('; ')}.`);
}
