/** Parts of a forecast of ticks, and the settings with which a run does without each. */
export const PARTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  network: { FORETICK_EXPERTS: 'ewma-gaussian,filtered-history' },
  'ewma-gaussian': { FORETICK_EXPERTS: 'network,filtered-history' },
  'filtered-history': { FORETICK_EXPERTS: 'network,ewma-gaussian' },
  mixing: { FORETICK_EXPERTS: 'network' },
  tracker: { FORETICK_CALIBRATION_RATE: '0' },
  'mixing-and-tracker': { FORETICK_EXPERTS: 'network', FORETICK_CALIBRATION_RATE: '0' },
  // One unit: what is left are the features, and the head over them.
  recurrence: { FORETICK_HIDDEN_SIZE: '1' },
  recency: { FORETICK_TRAIN_RECENT_SHARE: '0' },
};
