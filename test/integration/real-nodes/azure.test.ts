import { wholeCluster } from './whole-cluster.js';

wholeCluster({ provider: 'azure', metadata: ['--header', 'Metadata: true', 'http://169.254.169.254/metadata/instance?api-version=2021-02-01'] });
