import { readdir, readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { templateSchema, type Catalogue } from '../model/template.js';

const folder = new URL('../templates/clusters/', import.meta.url);

/** Reads the catalogue of cluster templates, in order of their names. Throws where a file is no valid template or not named after it. */
export async function loadCatalogue(): Promise<Catalogue> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort();
  const templates = await Promise.all(files.map(async (file) => {
    const template = templateSchema.parse(parse(await readFile(new URL(file, folder), 'utf8')));
    if (file !== `${template.name}.yaml`) throw new Error(`templates/clusters/${file} holds the template "${template.name}"`);
    return template;
  }));
  return new Map(templates.map((template) => [template.name, template]));
}
