"""Pipeline tasks: the stages of a pod, one role after the other."""
