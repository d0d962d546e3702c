"""The REST API under ``/api/v1``, described by ``/api/openapi.json``, and ``/metrics``."""
