"""Starting Nova on bare metal: standard library only, because it runs before the environment exists."""
