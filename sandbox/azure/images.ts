import type { PropertyMap } from '../protocol/values.js';
import { text } from '../provider/properties.js';
import type { UbuntuImages } from '../ubuntu-images.js';

/** Canonical's version of an image on Azure: the release, and the serial with a digit for which of the day it is. */
export function versionOf(serial: string): string {
  const [day = '', number = '0'] = serial.split('.');
  return `24.04.${day}${number}`;
}

/** An image as a machine shows it: with the version that it was made from, which differs from what was asked for where that is `latest`. `before`: what it showed before. */
export function shownImage(reference: PropertyMap, ubuntu: UbuntuImages, before: PropertyMap = {}): PropertyMap {
  const asked = text(reference, 'version');
  if (asked === undefined) return reference;
  return { ...reference, exactVersion: text(before, 'exactVersion') ?? (asked === 'latest' ? versionOf(ubuntu.newest()) : asked) };
}
