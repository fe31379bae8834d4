/** IMDSv2 only, and no further than the machine itself: pods get no rights by accident. */
export const metadataOptions = { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1, instanceMetadataTags: 'disabled' };

/** Device name of the root disk in Ubuntu's images. */
export const rootDevice = '/dev/sda1';
