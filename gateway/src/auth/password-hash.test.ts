import { argon2Sync, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { hashPassword, verifyPassword } from './password-hash.ts';

test('AC18 a hash is Argon2id with its parameters and a salt of its own, and is right for its password alone', async () => {
  const [one, two] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(one).not.toBe(two);
  expect(await verifyPassword(one, 'correct horse')).toEqual({ right: true, stale: false });
  for (const wrong of ['correct horsf', 'Correct horse', 'correct horse ', ''])
    expect(await verifyPassword(one, wrong)).toEqual({ right: false, stale: false });
});

test('AC18 a hash of other parameters is still right, and said to be stale', async () => {
  const nonce = randomBytes(16);
  const weak = { memory: 8192, passes: 1, parallelism: 1 };
  const tag = argon2Sync('argon2id', { ...weak, nonce, tagLength: 32, message: 'correct horse' });
  const bare = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  const phc = `$argon2id$v=19$m=8192,t=1,p=1$${bare(nonce)}$${bare(tag)}`;
  expect(await verifyPassword(phc, 'correct horse')).toEqual({ right: true, stale: true });
  expect(await verifyPassword(phc, 'wrong horse..')).toEqual({ right: false, stale: true });
});

test('RFC 9106 writes the test vector of Argon2id that Node computes', () => {
  const parameters = { memory: 32, passes: 3, parallelism: 4, tagLength: 32, message: Buffer.alloc(32, 1) };
  const extra = { nonce: Buffer.alloc(16, 2), secret: Buffer.alloc(8, 3), associatedData: Buffer.alloc(12, 4) };
  expect(argon2Sync('argon2id', { ...parameters, ...extra }).toString('hex')).toBe(
    '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659',
  );
});

test('letters that are composed in another way are the same password', async () => {
  expect((await verifyPassword(await hashPassword('mu\u0308de Hündinnen'), 'müde Hu\u0308ndinnen')).right).toBe(true);
});

test('more than can be computed at once wait, and more than can wait are refused with a reason', async () => {
  const phc = await hashPassword('correct horse');
  const results = await Promise.allSettled(Array.from({ length: 110 }, () => verifyPassword(phc, 'correct horse')));
  const refused = results.filter((one) => one.status === 'rejected');
  expect(refused).toHaveLength(8);
  expect(refused[0]?.reason).toMatchObject({ code: 'no_capacity', retry: true });
  expect((await verifyPassword(phc, 'correct horse')).right).toBe(true);
}, 120_000);

test('what is no hash of ours is an error and no answer', async () => {
  for (const phc of ['', 'plain', '$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA', '$2b$12$x'])
    await expect(verifyPassword(phc, 'x')).rejects.toThrow(/cannot be read/);
});
