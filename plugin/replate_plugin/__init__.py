"""Replate inside hosts: what a host script needs to talk to the runtime, and the host adapters."""
