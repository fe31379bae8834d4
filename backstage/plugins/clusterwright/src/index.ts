/** Clusterwright in Backstage's frontend: the default export is for the new frontend system, `EntityClusterwrightCard` for the entity pages of the old one. */
export { EntityClusterwrightCard, isClusterwrightAvailable } from './cluster-card';
export { clusterwrightPlugin as default } from './plugin';
