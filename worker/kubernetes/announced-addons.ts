import { z } from 'zod';

/** The label, with the add-on's name as its value, of ConfigMaps that tell of an add-on that is not run by Helm. */
export const addonLabel = 'clusterwright.io/addon';

/** A list of these ConfigMaps. */
export const announcementListSchema = z.object({
  metadata: z.object({ continue: z.string().optional() }).optional(),
  items: z.array(z.object({
    metadata: z.object({ namespace: z.string(), labels: z.object({ [addonLabel]: z.string() }) }),
    data: z.object({ version: z.string(), state: z.enum(['skipped', 'stand-in']), reason: z.string() }),
  })),
});
type Announcement = z.infer<typeof announcementListSchema>['items'][number];

/** An add-on that is run by other means than Helm, or not at all. */
export interface AnnouncedAddon {
  readonly name: string;
  readonly namespace: string;
  /** The version that was asked for. */
  readonly version: string;
  /** `stand-in`: something else does its work; `skipped`: nothing does. */
  readonly state: 'skipped' | 'stand-in';
  readonly reason: string;
}

/** The add-ons that ConfigMaps tell of, by name. */
export function announcedAddons(announcements: readonly Announcement[]): AnnouncedAddon[] {
  return announcements
    .map(({ metadata: { namespace, labels }, data }) => ({ name: labels[addonLabel], namespace, ...data }))
    .sort((one, other) => one.name.localeCompare(other.name));
}
