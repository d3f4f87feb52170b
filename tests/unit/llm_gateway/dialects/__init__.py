"""Tests of what /v1/responses and /v1/messages share."""
