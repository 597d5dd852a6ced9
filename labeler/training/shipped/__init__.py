"""Makes the detector that ships with the app: data, training, measures, model card. Run as a module; the app never imports it."""
