/** Rises when a message changes in a way that an older client would misread. Sent in `welcome`. */
export const PROTOCOL_VERSION = 1;
