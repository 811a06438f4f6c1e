"""The dials: settings, the clock, logs, and how the service is installed and started."""
