/** Parts of a forecast of ticks, and the settings with which a run does without each. */
export const PARTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  network: { FORETICK_EXPERTS: 'ewma-gaussian,filtered-history,rolling-quantiles' },
  'ewma-gaussian': { FORETICK_EXPERTS: 'network,filtered-history,rolling-quantiles' },
  'filtered-history': { FORETICK_EXPERTS: 'network,ewma-gaussian,rolling-quantiles' },
  'rolling-quantiles': { FORETICK_EXPERTS: 'network,ewma-gaussian,filtered-history' },
  mixing: { FORETICK_EXPERTS: 'network' },
  tracker: { FORETICK_CALIBRATION_RATE: '0' },
  'mixing-and-tracker': { FORETICK_EXPERTS: 'network', FORETICK_CALIBRATION_RATE: '0' },
  // One unit: what is left are the features, and the head over them.
  recurrence: { FORETICK_HIDDEN_SIZE: '1' },
  recency: { FORETICK_TRAIN_RECENT_SHARE: '0' },
};
