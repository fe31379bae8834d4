/** IMDSv2 only, and no further than the machine itself: pods get no rights by accident. */
export const metadataOptions = { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1, instanceMetadataTags: 'disabled' };

/** Root disk of a control plane, in GiB: system, images and logs; etcd has a disk of its own. */
export const rootDiskGiB = 50;

/** Device name of the root disk in Ubuntu's images. */
export const rootDevice = '/dev/sda1';
