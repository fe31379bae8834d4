import type * as pulumi from '@pulumi/pulumi';
import type { PlatformInput } from '../provider.js';

/** What the parts of the platform program share. */
export interface PlatformContext {
  readonly input: PlatformInput;
  /** Parent and provider of every resource. */
  readonly options: pulumi.CustomResourceOptions;
}
