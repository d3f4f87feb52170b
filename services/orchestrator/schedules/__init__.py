"""Tasks that are submitted at their time, by cron expression or once."""
