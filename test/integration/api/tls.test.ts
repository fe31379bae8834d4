import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import express from 'express';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serve } from '../../../api/index.js';
import { CertificateAuthority } from '../../../sandbox/kubernetes/pki.js';

let folder: string;
beforeAll(() => { folder = mkdtempSync(path.join(os.tmpdir(), 'tls-')); });
afterAll(() => rmSync(folder, { recursive: true }));

it('listens by TLS with the certificate of its files, and with nothing older than TLS 1.2', async () => {
  const authority = await CertificateAuthority.create('test');
  const { certificate, key } = await authority.issueServer(['localhost'], ['127.0.0.1']);
  const files = { certificateFile: path.join(folder, 'tls.crt'), keyFile: path.join(folder, 'tls.key') };
  writeFileSync(files.certificateFile, certificate);
  writeFileSync(files.keyFile, key);
  const app = express().get('/', (_request, response) => void response.end('hello'));
  const server = await serve(app, '127.0.0.1', 0, files);
  const get = (options: https.RequestOptions): Promise<string> => new Promise((resolve, reject) => {
    https.get(server.url, { ca: authority.certificate, agent: false, ...options }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => { text += chunk.toString(); }).on('end', () => resolve(text));
    }).on('error', reject);
  });
  try {
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:/);
    expect(await get({})).toBe('hello');
    await expect(get({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).rejects.toThrow();
  } finally {
    await server.stop(0);
  }
});

it('refuses to start with files that are not there or do not belong together', async () => {
  const files = { certificateFile: path.join(folder, 'missing.crt'), keyFile: path.join(folder, 'missing.key') };
  await expect(serve(express(), '127.0.0.1', 0, files)).rejects.toMatchObject({ code: 'settings-invalid' });
});
