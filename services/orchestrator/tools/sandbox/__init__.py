"""The kernel sandbox: bubblewrap, a seccomp filter, and a supervisor for every tool process."""
