"""Papers going out: filled from the record into templates an office can change in Word."""
