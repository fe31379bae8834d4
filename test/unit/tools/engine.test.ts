import { describe, expect, it } from 'vitest';
import { linkerFlags } from '../../../tools/setup/engine-build.mjs';
import { archiveUrl } from '../../../tools/setup/engine-download.mjs';
import { isPackage } from '../../../tools/setup/go-build.mjs';

describe('engine download', () => {
  it.each([
    ['linux', 'x64', 'https://get.pulumi.com/releases/sdk/pulumi-v3.230.0-linux-x64.tar.gz'],
    ['darwin', 'arm64', 'https://get.pulumi.com/releases/sdk/pulumi-v3.230.0-darwin-arm64.tar.gz'],
    ['win32', 'x64', undefined],
    ['linux', 'riscv64', undefined],
  ])('for %s %s is %s', (platform, arch, url) => {
    expect(archiveUrl('3.230.0', platform, arch)).toBe(url);
  });
});

describe('engine build', () => {
  it('gives the engine its version, without which the Automation API refuses it', () => {
    expect(linkerFlags('3.230.0')).toContain('-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.230.0');
  });

  it.each([
    ['github.com/pulumi/pulumi/pkg/v3/cmd/pulumi', true],
    ['internal/goarch', true],
    ['errors', true],
    ['gopkg.in/yaml.v3', true],
    ['# github.com/pulumi/pulumi/pkg/v3', false],
    ['go: downloading cloud.google.com/go v0.112.1', false],
  ])('%s counts as a package: %s', (line, counted) => {
    expect(isPackage(line)).toBe(counted);
  });
});
