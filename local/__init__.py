"""What `make run-local` starts: servers, the emulated function platform, and its triggers."""
