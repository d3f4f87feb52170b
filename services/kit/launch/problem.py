"""The one error of the launcher: something a person has to put right before Nova can start."""


class LaunchError(Exception):
    """Its text is printed as it is, so it names the cause and the remedy."""
