"""Replays the cluster's journal and checks what must hold for a tool's objects whatever went wrong."""
