"""The deployment as it is shipped: the files of `deploy/` run for real, on loopback."""
